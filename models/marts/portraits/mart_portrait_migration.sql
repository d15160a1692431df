with statuses as (

    select * from {{ ref('client_portraits_by_month') }}

),

month_ends as (

    select
        as_of_on,
        lag(as_of_on) over (order by as_of_on) as previous_on
    from statuses
    group by as_of_on

),

labels as (

    select
        portrait_code,
        label_ru
    from {{ ref('dim_portraits') }}
    union all
    select
        'silent' as portrait_code,
        'Без визитов ' || {{ var('window_days') | int }} || ' дней' as label_ru
    union all
    select
        'unregistered' as portrait_code,
        'Ещё не были клиентами' as label_ru

),

flows as (

    select
        statuses.as_of_on as month_end_on,
        coalesce(previous.portrait_code, 'unregistered') as from_portrait_code,
        statuses.portrait_code as to_portrait_code,
        count(*) as clients_count
    from statuses
    inner join month_ends
        on statuses.as_of_on = month_ends.as_of_on
    left join statuses as previous
        on
            statuses.client_id = previous.client_id
            and month_ends.previous_on = previous.as_of_on
    where month_ends.previous_on is not null
    group by all

),

final as (

    select
        flows.month_end_on,
        flows.from_portrait_code,
        flows.to_portrait_code,
        sources.label_ru as from_label_ru,
        targets.label_ru as to_label_ru,
        flows.clients_count,
        flows.from_portrait_code = flows.to_portrait_code as is_stay
    from flows
    left join labels as sources
        on flows.from_portrait_code = sources.portrait_code
    left join labels as targets
        on flows.to_portrait_code = targets.portrait_code

)

select * from final
