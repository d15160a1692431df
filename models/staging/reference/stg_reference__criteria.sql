{{ config(materialized='table') }}

with source as (

    select unnest(json_transform(
        json -> 'portraits',
        '[{"portrait_code": "VARCHAR",
           "criteria": [{"criterion_code": "VARCHAR", "metric_code": "VARCHAR", "kind": "VARCHAR", "low": "DOUBLE",
                         "high": "DOUBLE", "values": ["JSON"], "weight": "DOUBLE", "is_hard": "BOOLEAN"}]}]'
    )) as portrait
    from {{ source('reference', 'portraits') }}

),

criteria as (

    select
        portrait.portrait_code,
        unnest(portrait.criteria) as criterion
    from source

),

final as (

    select
        portrait_code,
        criterion.criterion_code,
        criterion.metric_code,
        criterion.kind,
        list_transform(criterion."values", lambda item: item ->> '$') as "values",
        criterion.low,
        criterion.high,
        criterion.weight,
        coalesce(criterion.is_hard, false) as is_hard
    from criteria

)

select * from final
