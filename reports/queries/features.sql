select
    metrics.*,
    features.label_ru as feature,
    features.description_ru,
    features.hypothesis_ru,
    features.randomization_unit,
    features.treated_share,
    features.aimed_portraits,
    features.cost_rub_per_visit,
    features.cost_rub_per_l,
    features.cost_rub_per_client_per_month,
    features.cost_rub_per_month as fixed_cost_rub_per_month,
    coalesce(primary_metrics.label_ru, features.primary_metric_code) as primary_metric,
    case
        when metrics.basis_code = 'rules_scenario' then 'сценарий по правилам'
        when metrics.verdict_code = 'works' then 'работает'
        when metrics.verdict_code = 'harms' then 'вредит'
        when metrics.verdict_code = 'no_effect' then 'эффекта не видно'
        else 'данных мало'
    end as verdict,
    metrics.profit_rub_per_month_low <= 0 and metrics.profit_rub_per_month_high >= 0 as is_profit_unsure,
    '/features/' || metrics.feature_code || '/' as href
from warehouse.mart_feature_metrics as metrics
inner join warehouse.dim_features as features on metrics.feature_code = features.feature_code
left join warehouse.dim_metrics as primary_metrics on features.primary_metric_code = primary_metrics.metric_code
