with coefficients as (

    select * from {{ ref('whatif_coefficients') }}

),

results as (

    select * from {{ ref('feature_results') }}

),

features as (

    select * from {{ ref('stg_reference__features') }}

),

economics as (

    select * from {{ ref('stg_reference__economics') }}

),

curves as (

    select distinct
        feature_code,
        ramp_weeks,
        half_life_weeks
    from {{ ref('interest_curves') }}
    where ramp_weeks is not null

),

final as (

    select
        results.feature_code,
        results.portrait_code,
        results.basis_code,
        -- Interest follows the curve fitted to the experiment, if there is one, otherwise the assumed one.
        case when curves.feature_code is null then 'assumed' else 'fitted' end as interest_basis_code,
        results.eligible_count,
        coalesce(coefficients.estimated_count, 0) as estimated_count,
        results.conversion_share,
        results.conversion_share_low,
        results.conversion_share_high,
        {%- for name in ['visits', 'volume_l', 'revenue_rub'] %}
        {%- for bound in ['', '_low', '_high'] %}
        {{ ratio('results.incremental_' ~ name ~ '_per_month' ~ bound, 'coefficients.estimated_count') }}
            as incremental_{{ name }}_per_client_per_month{{ bound }},
        {%- endfor %}
        {%- endfor %}
        coefficients.* exclude (feature_code, portrait_code, basis_code, estimated_count),
        case when curves.feature_code is null then features.ramp_weeks else curves.ramp_weeks end as ramp_weeks,
        case when curves.feature_code is null then features.half_life_weeks else curves.half_life_weeks end
            as half_life_weeks,
        features.horizon_weeks,
        economics.shop_margin_share,
        features.cost_rub_per_visit,
        features.cost_rub_per_l,
        features.cost_rub_per_client_per_month,
        features.cost_rub_per_month
    from results
    left join coefficients
        on results.feature_code = coefficients.feature_code
        and results.basis_code = coefficients.basis_code
        and results.portrait_code is not distinct from coefficients.portrait_code
    inner join features
        on results.feature_code = features.feature_code
    left join curves
        on results.feature_code = curves.feature_code
    cross join economics

)

select * from final
