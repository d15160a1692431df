with as_of as (

    select * from {{ ref('int_as_of') }}

),

final as (

    select
        as_of_on,
        window_start,
        is_last_window,
        cast(unnest(range(window_start, as_of_on + interval 1 day, interval 1 day)) as date) as day_on
    from as_of

)

select * from final
