-- The last full month compared with the previous one and the same month a year ago, per day, as months differ in
-- length.
with days as (
    select
        month_start_on,
        date_diff('day', month_start_on, month_start_on + interval 1 month) as days_count,
        visits,
        revenue_rub
    from ${months}
    where is_full_month
),

last_month as (
    select * from days where month_start_on = (select max(others.month_start_on) from days as others)
),

pairs as (
    select
        'month' as comparison_code,
        1 as comparison_order,
        month_start_on - interval 1 month as before_on
    from last_month
    union all
    select
        'year' as comparison_code,
        2 as comparison_order,
        month_start_on - interval 1 year as before_on
    from last_month
)

select
    pairs.comparison_code,
    pairs.comparison_order,
    last_month.month_start_on,
    earlier.month_start_on as before_on,
    (last_month.revenue_rub / last_month.days_count) / nullif(earlier.revenue_rub / earlier.days_count, 0) - 1
        as revenue_change,
    (last_month.visits / last_month.days_count) / nullif(earlier.visits / earlier.days_count, 0) - 1 as visits_change,
    (last_month.revenue_rub / last_month.visits) / nullif(earlier.revenue_rub / earlier.visits, 0) - 1 as bill_change
from pairs
cross join last_month
inner join days as earlier on pairs.before_on = earlier.month_start_on
