-- The reader's settings; the comment inside identifies the settings of a result.
select
    ${inputs.what_if.feature_code} as feature_code, /* settings: ${inputs.what_if.state} */
    cast(${inputs.what_if.treated_share} as double) as treated_share,
    cast(${inputs.what_if.horizon_weeks} as double) as horizon_weeks,
    cast(${inputs.what_if.fuel_margin_scale} as double) as fuel_margin_scale,
    cast(${inputs.what_if.shop_margin_share} as double) as shop_margin_share,
    cast(${inputs.what_if.response_elasticity} as double) as response_elasticity,
    cast(${inputs.what_if.cost_rub_per_visit} as double) as cost_rub_per_visit,
    cast(${inputs.what_if.cost_rub_per_l} as double) as cost_rub_per_l,
    cast(${inputs.what_if.cost_rub_per_client_per_month} as double) as cost_rub_per_client_per_month,
    cast(${inputs.what_if.cost_rub_per_month} as double) as cost_rub_per_month
