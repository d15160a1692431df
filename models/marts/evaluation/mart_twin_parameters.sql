with parameters as (

    select * from {{ ref('raw_twin__parameters') }}

),

final as (

    select
        parameter_code,
        value_text,
        unit,
        source,
        -- A value set by a decision of this project is not a published figure either.
        starts_with(lower(source), 'assumption') or contains(source, 'docs/adr/') as is_assumption
    from parameters

)

select * from final
