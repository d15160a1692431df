{{ config(materialized='table') }}

with source as (

    select json_transform_strict(
        json -> 'portraits',
        '[{"portrait_code": "VARCHAR", "label_ru": "VARCHAR", "description_ru": "VARCHAR",
           "business_value_ru": "VARCHAR", "recommendations_ru": "VARCHAR"}]'
    ) as portraits
    from {{ source('reference', 'portraits') }}

),

numbered as (

    select
        unnest(portraits) as portrait,
        generate_subscripts(portraits, 1) as portrait_number
    from source

),

final as (

    select
        portrait.portrait_code,
        portrait_number,
        portrait.label_ru,
        portrait.description_ru,
        portrait.business_value_ru,
        portrait.recommendations_ru
    from numbered

)

select * from final
