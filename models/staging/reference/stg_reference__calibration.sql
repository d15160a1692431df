{{ config(materialized='table') }}

with source as (

    select
        cast(json ->> 'reference_year' as integer) as reference_year,
        unnest(json_transform(
            json -> 'checks',
            '[{"check_code": "VARCHAR", "label_ru": "VARCHAR", "population_ru": "VARCHAR", "unit_ru": "VARCHAR",
               "published_value": "DOUBLE", "tolerance": "DOUBLE", "source": "VARCHAR", "year": "INTEGER",
               "is_proxy": "BOOLEAN", "is_input": "BOOLEAN", "note_ru": "VARCHAR", "curve_code": "VARCHAR", "threshold": "DOUBLE"}]'
        )) as "check"
    from {{ source('reference', 'calibration') }}

),

final as (

    select
        "check".check_code,
        "check".curve_code,
        "check".label_ru,
        "check".population_ru,
        "check".unit_ru,
        "check".source,
        "check".note_ru,
        reference_year,
        "check"."year" as published_year,
        "check".published_value,
        "check".tolerance,
        "check".threshold,
        "check".is_proxy,
        "check".is_input
    from source

)

select * from final
