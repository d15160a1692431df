{{ config(materialized='table') }}

with source as (

    select unnest(json_transform_strict(
        json -> 'grades',
        '[{"grade_code": "VARCHAR", "label_ru": "VARCHAR"}]'
    )) as grade
    from {{ source('reference', 'twin') }}

)

select
    grade.grade_code,
    grade.label_ru
from source
