with lines as (
    select
        feature_code,
        1 as line_number,
        'Добавленная выручка' as line,
        incremental_revenue_rub_per_month as value,
        incremental_revenue_rub_per_month_low as low,
        incremental_revenue_rub_per_month_high as high
    from warehouse.mart_feature_metrics
    union all
    select
        feature_code,
        2 as line_number,
        'Добавленная маржа' as line,
        incremental_margin_rub_per_month as value,
        incremental_margin_rub_per_month_low as low,
        incremental_margin_rub_per_month_high as high
    from warehouse.mart_feature_metrics
    union all
    select
        feature_code,
        3 as line_number,
        'Стоимость' as line,
        -cost_rub_per_month as value,
        -cost_rub_per_month_high as low,
        -cost_rub_per_month_low as high
    from warehouse.mart_feature_metrics
    union all
    select
        feature_code,
        4 as line_number,
        'Прибыль' as line,
        profit_rub_per_month as value,
        profit_rub_per_month_low as low,
        profit_rub_per_month_high as high
    from warehouse.mart_feature_metrics
)

select
    *,
    coalesce(low <= 0 and high >= 0, false) as is_unsure
from lines
