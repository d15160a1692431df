-- Features with plans, with the figures of the whole feature.
select
    plans.feature_code,
    features.label_ru as feature,
    coalesce(metrics.label_ru, features.primary_metric_code) as primary_metric,
    coalesce(metrics.format, '#,##0.0') as primary_metric_format,
    plans.randomization_unit,
    plans.horizon_weeks,
    plans.clients_available_count,
    plans.baseline_value,
    string_agg(cast(plans.power_prob as varchar), ',') as powers
from warehouse.mart_ab_planner as plans
inner join warehouse.dim_features as features on plans.feature_code = features.feature_code
left join warehouse.dim_metrics as metrics on features.primary_metric_code = metrics.metric_code
where plans.portrait_code is null
group by all
order by features.label_ru
