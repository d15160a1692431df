with parameters as (

    select * from {{ ref('raw_twin__parameters') }}

),

final as (

    select
        parameter_code,
        value_text,
        unit,
        source,
        starts_with(lower(source), 'assumption') as is_assumption
    from parameters

)

select * from final
