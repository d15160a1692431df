-- What a feature adds per month if offered to all eligible clients: of a portrait, and of all portraits.
select
    feature_code,
    portrait_code,
    eligible_count,
    basis_code,
    verdict_code,
    incremental_visits_per_month,
    incremental_visits_per_month_low,
    incremental_visits_per_month_high,
    incremental_volume_l_per_month,
    incremental_volume_l_per_month_low,
    incremental_volume_l_per_month_high,
    incremental_revenue_rub_per_month,
    incremental_revenue_rub_per_month_low,
    incremental_revenue_rub_per_month_high,
    profit_rub_per_month,
    profit_rub_per_month_low,
    profit_rub_per_month_high
from warehouse.mart_feature_portrait_metrics
union all
select
    feature_code,
    'all' as portrait_code,
    eligible_count,
    basis_code,
    verdict_code,
    incremental_visits_per_month,
    incremental_visits_per_month_low,
    incremental_visits_per_month_high,
    incremental_volume_l_per_month,
    incremental_volume_l_per_month_low,
    incremental_volume_l_per_month_high,
    incremental_revenue_rub_per_month,
    incremental_revenue_rub_per_month_low,
    incremental_revenue_rub_per_month_high,
    profit_rub_per_month,
    profit_rub_per_month_low,
    profit_rub_per_month_high
from warehouse.mart_feature_metrics
