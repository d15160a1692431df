select
    plans.*,
    round(100 * plans.effect_ratio)::integer as effect_percent,
    round(100 * plans.power_prob)::integer as power_percent,
    round(100 * plans.control_share)::integer as control_percent,
    features.label_ru as feature,
    coalesce(metrics.label_ru, features.primary_metric_code) as primary_metric,
    coalesce(portraits.label_ru, 'Все портреты') as portrait,
    case
        when plans.reason_code = 'nobody_eligible' then 'некому предложить'
        when plans.reason_code = 'no_variance' then 'не сосчитать'
        when plans.reason_code = 'too_small' then 'никогда'
        when plans.weeks_needed <= plans.horizon_weeks then 'хватит'
        else 'мало'
    end as answer
from warehouse.mart_ab_planner as plans
inner join warehouse.dim_features as features using (feature_code)
left join warehouse.dim_metrics as metrics on features.primary_metric_code = metrics.metric_code
left join warehouse.dim_portraits as portraits on plans.portrait_code = portraits.portrait_code
