-- Revenue per day of each region, in the last full month and before.
with days as (
    select
        comparisons.comparison_code,
        kpi.region_code,
        sum(kpi.revenue_rub) filter (where kpi.month_start_on = comparisons.month_start_on)
        / date_diff('day', comparisons.month_start_on, comparisons.month_start_on + interval 1 month)
            as revenue_rub_per_day,
        sum(kpi.revenue_rub) filter (where kpi.month_start_on = comparisons.before_on)
        / date_diff('day', comparisons.before_on, comparisons.before_on + interval 1 month) as before_rub_per_day
    from ${changes_network} as comparisons
    inner join warehouse.mart_kpi_monthly as kpi
        on comparisons.month_start_on = kpi.month_start_on or comparisons.before_on = kpi.month_start_on
    group by comparisons.comparison_code, comparisons.month_start_on, comparisons.before_on, kpi.region_code
)

select
    days.comparison_code,
    coalesce(
        regions.label_ru, case when days.region_code = 'unknown' then 'Регион неизвестен' else days.region_code end
    ) as region,
    days.revenue_rub_per_day,
    days.before_rub_per_day,
    coalesce(days.revenue_rub_per_day, 0) / nullif(days.before_rub_per_day, 0) - 1 as revenue_change
from days
left join warehouse.dim_regions as regions on days.region_code = regions.region_code
