-- Past months and the baseline forecast of today's clients, by today's portrait. The bounds of the total over all
-- portraits are sums, which makes its interval conservative.
with ahead as (
    select
        portrait_code,
        month_start_on,
        max(baseline_visits_count) as visits_count,
        max(baseline_visits_count_low) as visits_count_low,
        max(baseline_visits_count_high) as visits_count_high,
        max(baseline_volume_l) as volume_l,
        max(baseline_volume_l_low) as volume_l_low,
        max(baseline_volume_l_high) as volume_l_high,
        max(baseline_revenue_rub) as revenue_rub,
        max(baseline_revenue_rub_low) as revenue_rub_low,
        max(baseline_revenue_rub_high) as revenue_rub_high
    from warehouse.mart_forecast
    -- With a short history, some months have no forecast. The baseline is the same for all features.
    where baseline_visits_count is not null
    group by portrait_code, month_start_on
),

months as (
    select
        month_start_on,
        bool_and(is_full_month) as is_full_month
    from warehouse.mart_portrait_months
    group by month_start_on
),

shown as (
    select
        month_start_on,
        is_full_month
    from months
    where
        month_start_on >= (select min(others.month_start_on) from months as others where others.is_full_month)
        and month_start_on >= (select max(others.month_start_on) - interval 17 month from months as others)
),

predicted as (
    select distinct portrait_code from ahead
),

parts as (
    select
        predicted.portrait_code,
        shown.month_start_on,
        false as is_ahead,
        case when shown.is_full_month then coalesce(came.visits_count, 0) end as came_visits_count,
        case when shown.is_full_month then coalesce(came.volume_l, 0) end as came_volume_l,
        case when shown.is_full_month then coalesce(came.revenue_rub, 0) end as came_revenue_rub,
        cast(null as double) as visits_count,
        cast(null as double) as visits_count_low,
        cast(null as double) as visits_count_high,
        cast(null as double) as volume_l,
        cast(null as double) as volume_l_low,
        cast(null as double) as volume_l_high,
        cast(null as double) as revenue_rub,
        cast(null as double) as revenue_rub_low,
        cast(null as double) as revenue_rub_high
    from shown
    cross join predicted
    left join warehouse.mart_portrait_months as came
        on predicted.portrait_code = came.portrait_code and shown.month_start_on = came.month_start_on
    union all
    select
        portrait_code,
        month_start_on,
        true as is_ahead,
        cast(null as double) as came_visits_count,
        cast(null as double) as came_volume_l,
        cast(null as double) as came_revenue_rub,
        visits_count,
        visits_count_low,
        visits_count_high,
        volume_l,
        volume_l_low,
        volume_l_high,
        revenue_rub,
        revenue_rub_low,
        revenue_rub_high
    from ahead
)

select
    parts.*,
    portraits.label_ru as portrait
from parts
inner join warehouse.dim_portraits as portraits on parts.portrait_code = portraits.portrait_code
union all
select
    'all' as portrait_code,
    month_start_on,
    is_ahead,
    sum(came_visits_count) as came_visits_count,
    sum(came_volume_l) as came_volume_l,
    sum(came_revenue_rub) as came_revenue_rub,
    sum(visits_count) as visits_count,
    sum(visits_count_low) as visits_count_low,
    sum(visits_count_high) as visits_count_high,
    sum(volume_l) as volume_l,
    sum(volume_l_low) as volume_l_low,
    sum(volume_l_high) as volume_l_high,
    sum(revenue_rub) as revenue_rub,
    sum(revenue_rub_low) as revenue_rub_low,
    sum(revenue_rub_high) as revenue_rub_high,
    'Все портреты' as portrait
from parts
group by month_start_on, is_ahead
