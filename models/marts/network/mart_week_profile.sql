with visits as (

    select * from {{ ref('int_window_visits') }}
    where is_last_window

),

portraits as (

    select * from {{ ref('client_portraits') }}

),

final as (

    select
        portraits.portrait_code,
        isodow(visits.occurred_at) as weekday_number,
        hour(visits.occurred_at) as hour_number,
        count(*) as visits_count
    from visits
    inner join portraits
        on visits.client_id = portraits.client_id
    group by all

)

select * from final
