select
    metrics.*,
    features.label_ru as feature,
    portraits.label_ru as portrait,
    case
        when metrics.eligible_count = 0 then 'некому предложить'
        when metrics.basis_code = 'rules_scenario' then 'сценарий по правилам'
        when metrics.verdict_code = 'works' then 'работает'
        when metrics.verdict_code = 'harms' then 'вредит'
        when metrics.verdict_code = 'no_effect' then 'эффекта не видно'
        else 'данных мало'
    end as verdict,
    metrics.profit_rub_per_month_low / nullif(metrics.eligible_count, 0) as profit_rub_per_client_per_month_low,
    metrics.profit_rub_per_month_high / nullif(metrics.eligible_count, 0) as profit_rub_per_client_per_month_high,
    coalesce(metrics.reaction_ratio_low <= 0 and metrics.reaction_ratio_high >= 0, true) as is_reaction_unsure,
    -- Five of a hundred intervals miss by chance: a chart of all cells highlights only what is significant after
    -- correction.
    case
        when metrics.basis_code = 'experiment' then coalesce(metrics.verdict_code not in ('works', 'harms'), true)
        else coalesce(metrics.reaction_ratio_low <= 0 and metrics.reaction_ratio_high >= 0, true)
    end as is_reaction_unproven,
    coalesce(metrics.profit_rub_per_month_low <= 0 and metrics.profit_rub_per_month_high >= 0, true)
        as is_profit_unsure,
    '/features/' || metrics.feature_code || '/' as feature_href,
    '/portraits/' || metrics.portrait_code || '/' as portrait_href,
    profiles.clients_count
from warehouse.mart_feature_portrait_metrics as metrics
inner join warehouse.dim_features as features on metrics.feature_code = features.feature_code
inner join warehouse.dim_portraits as portraits on metrics.portrait_code = portraits.portrait_code
inner join warehouse.mart_portrait_profiles as profiles on metrics.portrait_code = profiles.portrait_code
where profiles.clients_count > 0
