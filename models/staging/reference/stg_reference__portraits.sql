{{ config(materialized='table') }}

with source as (

    select unnest(json_transform_strict(
        json -> 'portraits',
        '[{"portrait_code": "VARCHAR", "label_ru": "VARCHAR", "description_ru": "VARCHAR",
           "business_value_ru": "VARCHAR", "recommendations_ru": "VARCHAR"}]'
    )) as portrait
    from {{ source('reference', 'portraits') }}

),

final as (

    select
        portrait.portrait_code,
        portrait.label_ru,
        portrait.description_ru,
        portrait.business_value_ru,
        portrait.recommendations_ru
    from source

)

select * from final
