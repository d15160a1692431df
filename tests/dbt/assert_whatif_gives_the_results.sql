-- The site computes results from the coefficients: at the settings tried it must reproduce the results.
{%- set amounts = [
    'incremental_visits', 'incremental_volume_l', 'incremental_revenue_rub', 'incremental_margin_rub', 'cost_rub',
    'profit_rub',
] %}

with settings as (

    select
        feature_code,
        horizon_weeks,
        shop_margin_share,
        cost_rub_per_visit,
        cost_rub_per_l,
        cost_rub_per_client_per_month,
        cost_rub_per_month,
        1 as treated_share,
        1 as fuel_margin_scale,
        0 as response_elasticity
    from {{ ref('mart_whatif_coefficients') }}
    where portrait_code is null

),

computed as (

    select * from ({{ whatif_results(ref('mart_whatif_coefficients'), 'settings') }})

),

results as (

    select * from {{ ref('mart_feature_portrait_metrics') }}
    union all by name
    select * from {{ ref('mart_feature_metrics') }}

),

reported as (

    select * from results
    {%- if var('source') != 'synthetic' %}
    -- A pilot in own files does not record what its costs paid for, so it has no coefficients.
    where basis_code = 'rules_scenario'
    {%- endif %}

),

pairs as (
    {%- for amount in amounts %}
    {%- set is_last = loop.last %}
    {%- for bound in ['', '_low', '_high'] %}

    select
        reported.feature_code,
        reported.portrait_code,
        '{{ amount }}{{ bound }}' as amount,
        reported.{{ amount }}_per_month{{ bound }} as reported,
        computed.{{ amount }}_per_month{{ bound }} as computed
    from reported
    left join computed
        on reported.feature_code = computed.feature_code
        and reported.portrait_code is not distinct from computed.portrait_code
    {%- if bound and amount in ['incremental_margin_rub', 'cost_rub', 'profit_rub'] %}
    -- The intervals of the rules are quantiles of non-normal draws, which a covariance only approximates.
    where reported.basis_code = 'experiment'
    {%- endif %}
    {{ 'union all' if not (loop.last and is_last) }}
    {%- endfor %}
    {%- endfor %}

)

select *
from pairs
where
    (reported is null) <> (computed is null)
    or abs(reported - computed) > 1e-6 * greatest(abs(reported), 1)
