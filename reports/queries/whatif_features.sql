-- Every feature, with what was tried where there is something to compute from.
select
    features.feature_code,
    features.label_ru as feature,
    coefficients.feature_code is not null as has_coefficients,
    coalesce(coefficients.basis_code, metrics.basis_code) as basis_code,
    coalesce(coefficients.eligible_count, metrics.eligible_count) as eligible_count,
    coalesce(coefficients.estimated_count, 0) as estimated_count,
    coefficients.horizon_weeks,
    coefficients.shop_margin_share,
    coefficients.cost_rub_per_visit,
    coefficients.cost_rub_per_l,
    coefficients.cost_rub_per_client_per_month,
    coefficients.cost_rub_per_month,
    coefficients.fuel_margin_rub_per_l,
    coefficients.estimated_count * coefficients.fuel_margin_rub_per_client_per_month as fuel_margin_rub_per_month,
    coefficients.interest_basis_code
from warehouse.dim_features as features
inner join warehouse.mart_feature_metrics as metrics on features.feature_code = metrics.feature_code
left join warehouse.mart_whatif_coefficients as coefficients
    on features.feature_code = coefficients.feature_code and coefficients.portrait_code is null
order by features.label_ru
