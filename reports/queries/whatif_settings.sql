-- The reader's settings; the comment inside identifies the settings of a result.
select
    ${inputs.what_if.feature_code} as feature_code, /* settings: ${inputs.what_if.state} */
    ${inputs.what_if.treated_share}::double as treated_share,
    ${inputs.what_if.horizon_weeks}::double as horizon_weeks,
    ${inputs.what_if.fuel_margin_scale}::double as fuel_margin_scale,
    ${inputs.what_if.shop_margin_share}::double as shop_margin_share,
    ${inputs.what_if.response_elasticity}::double as response_elasticity,
    ${inputs.what_if.cost_rub_per_visit}::double as cost_rub_per_visit,
    ${inputs.what_if.cost_rub_per_l}::double as cost_rub_per_l,
    ${inputs.what_if.cost_rub_per_client_per_month}::double as cost_rub_per_client_per_month,
    ${inputs.what_if.cost_rub_per_month}::double as cost_rub_per_month
