{{ config(materialized='table') }}

with source as (

    select unnest(json_transform_strict(
        json -> 'curves',
        '[{"curve_code": "VARCHAR", "points": [{"from": "INTEGER", "to": "INTEGER", "value": "DOUBLE"}]}]'
    )) as curve
    from {{ source('reference', 'calibration') }}

),

points as (

    select
        curve.curve_code,
        unnest(curve.points) as point
    from source

),

final as (

    select
        curve_code,
        point."from" as first_point,
        point."to" as last_point,
        point."value" as published_value
    from points

)

select * from final
