{{ config(materialized='table') }}

{%- set effects = ['response_prob', 'visits_change', 'volume_per_visit_change', 'shop_change'] %}

with items as (

    select unnest(cast(json -> 'rules' as json[])) as item
    from {{ source('reference', 'behavior_rules') }}

),

source as (

    select
        json_transform_strict(
            item,
            '{"feature_code": "VARCHAR", "default": "JSON", "portraits": "MAP(VARCHAR, JSON)"}'
        ) as rule,
        -- Missing modifiers mean none; the generator and ml read them as written.
        coalesce(cast(item -> 'modifiers' as varchar), '[]') as modifiers_json
    from items

),

-- The feature's default has a null portrait and applies to every portrait without a rule of its own.
effects_by_portrait as (

    select
        rule.feature_code,
        cast(null as varchar) as portrait_code,
        rule."default" as effect,
        modifiers_json
    from source
    union all
    select
        rule.feature_code,
        unnest(map_keys(rule.portraits)) as portrait_code,
        unnest(map_values(rule.portraits)) as effect,
        modifiers_json
    from source

),

final as (

    select
        feature_code,
        portrait_code,
        {%- for effect in effects %}
        cast(effect -> '{{ effect }}' ->> 'mean' as double) as {{ effect }}_mean,
        cast(effect -> '{{ effect }}' ->> 'sd' as double) as {{ effect }}_sd,
        {%- endfor %}
        modifiers_json
    from effects_by_portrait

)

select * from final
