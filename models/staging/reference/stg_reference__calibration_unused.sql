{{ config(materialized='table') }}

with source as (

    select json_transform_strict(
        json -> 'not_used',
        '[{"figure_ru": "VARCHAR", "source": "VARCHAR", "reason_ru": "VARCHAR"}]'
    ) as figures
    from {{ source('reference', 'calibration') }}

),

numbered as (

    select
        unnest(figures) as figure,
        generate_subscripts(figures, 1) as figure_number
    from source

),

final as (

    select
        figure_number,
        figure.figure_ru,
        figure.source,
        figure.reason_ru
    from numbered

)

select * from final
