{{ config(materialized='table') }}

{%- set effects = ['response_prob', 'visits_change', 'volume_per_visit_change', 'shop_change'] %}

with portraits as (

    select portrait_code from {{ ref('stg_reference__portraits') }}
    union all
    select 'undefined' as portrait_code

),

rules as (

    select * from {{ ref('stg_reference__rules') }}

),

-- A portrait without a rule of its own gets the feature's default.
final as (

    select
        portraits.portrait_code,
        defaults.feature_code,
        named.portrait_code is null as is_default,
        {%- for effect in effects %}
        coalesce(named.{{ effect }}_mean, defaults.{{ effect }}_mean) as {{ effect }}_mean,
        coalesce(named.{{ effect }}_sd, defaults.{{ effect }}_sd) as {{ effect }}_sd,
        {%- endfor %}
        defaults.modifiers_json
    from portraits
    cross join rules as defaults
    left join rules as named
        on defaults.feature_code = named.feature_code
        and portraits.portrait_code = named.portrait_code
    where defaults.portrait_code is null

)

select * from final
