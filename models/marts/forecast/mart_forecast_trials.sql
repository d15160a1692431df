with outlooks as (

    select * from {{ ref('portrait_outlooks') }}

),

final as (

    select
        origin_on,
        month_number,
        cast(month_start_on as date) as month_start_on,
        cast(sum(clients_count) as bigint) as clients_count,
        {{ exact_sum('expected_visits') }} as expected_visits_count,
        cast(sum(actual_visits_count) as bigint) as actual_visits_count
    from outlooks
    where not is_last and expected_visits is not null
    group by all

)

select * from final
