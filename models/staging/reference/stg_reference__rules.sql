{{ config(materialized='table') }}

{%- set effects = ['response_prob', 'visits_change', 'volume_per_visit_change', 'shop_change'] %}

with source as (

    select unnest(json_transform_strict(
        json -> 'rules',
        '[{"feature_code": "VARCHAR", "default": "JSON", "portraits": "MAP(VARCHAR, JSON)"}]'
    )) as rule
    from {{ source('reference', 'behavior_rules') }}

),

-- The feature's default has no portrait; it serves every portrait that is not named.
effects_by_portrait as (

    select
        rule.feature_code,
        cast(null as varchar) as portrait_code,
        rule."default" as effect
    from source
    union all
    select
        rule.feature_code,
        unnest(map_keys(rule.portraits)) as portrait_code,
        unnest(map_values(rule.portraits)) as effect
    from source

),

final as (

    select
        feature_code,
        portrait_code,
        {%- for effect in effects %}
        cast(effect -> '{{ effect }}' ->> 'mean' as double) as {{ effect }}_mean,
        cast(effect -> '{{ effect }}' ->> 'sd' as double) as {{ effect }}_sd{{ ',' if not loop.last }}
        {%- endfor %}
    from effects_by_portrait

)

select * from final
