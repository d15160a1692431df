-- Every feature with the settings tried, and whether it has coefficients to compute from.
select
    features.feature_code,
    features.label_ru as feature,
    features.randomization_unit,
    features.aimed_portraits,
    metrics.basis_code,
    case
        when coefficients.estimated_count > 0 then 'ok'
        when run.source = 'own' and metrics.basis_code = 'experiment' then 'own_pilot'
        when metrics.eligible_count > 0 then 'too_few'
        else 'nobody_eligible'
    end as state_code,
    metrics.eligible_count,
    coefficients.estimated_count,
    coefficients.horizon_weeks,
    coefficients.shop_margin_share,
    coefficients.cost_rub_per_visit,
    coefficients.cost_rub_per_l,
    coefficients.cost_rub_per_client_per_month,
    coefficients.cost_rub_per_month,
    coefficients.fuel_margin_rub_per_l,
    coefficients.estimated_count * coefficients.fuel_margin_rub_per_client_per_month as fuel_margin_rub_per_month
from warehouse.dim_features as features
inner join warehouse.mart_feature_metrics as metrics on features.feature_code = metrics.feature_code
cross join warehouse.run_info as run
left join warehouse.mart_whatif_coefficients as coefficients
    on features.feature_code = coefficients.feature_code and coefficients.portrait_code is null
order by features.label_ru
