-- A page computes other settings from the coefficients: at those that were tried it must find what the results tell.
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

told as (

    select * from results
    {%- if var('source') != 'synthetic' %}
    -- An experiment among own files does not tell what its costs were paid for: it has no coefficients.
    where basis_code = 'rules_scenario'
    {%- endif %}

),

pairs as (
    {%- for amount in amounts %}
    {%- set is_last = loop.last %}
    {%- for bound in ['', '_low', '_high'] %}

    select
        told.feature_code,
        told.portrait_code,
        '{{ amount }}{{ bound }}' as amount,
        told.{{ amount }}_per_month{{ bound }} as told,
        computed.{{ amount }}_per_month{{ bound }} as computed
    from told
    left join computed
        on told.feature_code = computed.feature_code
        and told.portrait_code is not distinct from computed.portrait_code
    {%- if bound and amount in ['incremental_margin_rub', 'cost_rub', 'profit_rub'] %}
    -- The rules' intervals are quantiles of draws that are not normal: a covariance comes near them, no more.
    where told.basis_code = 'experiment'
    {%- endif %}
    {{ 'union all' if not (loop.last and is_last) }}
    {%- endfor %}
    {%- endfor %}

)

select *
from pairs
where
    (told is null) <> (computed is null)
    or abs(told - computed) > 1e-6 * greatest(abs(told), 1)
