with visits as (

    select * from {{ ref('int_visits') }}

),

clients as (

    select * from {{ ref('int_clients') }}

),

portraits as (

    select * from {{ ref('client_portraits') }}

),

-- Full months only: a history that ends within a month has no figure for it.
months as (

    select
        cast(month_start as date) as month_start,
        last_day(month_start) as month_end
    from {{ ref('int_run') }} as run,
        generate_series(date_trunc('month', run.period_start), run.period_end, interval 1 month) as series (month_start)
    where month_start >= run.period_start and last_day(month_start) <= run.period_end

),

-- A client counts from registration on: the others say nothing of how often a portrait's clients come.
presence as (

    select
        portraits.portrait_code,
        months.month_start,
        cast(sum(
            date_diff('day', greatest(months.month_start, clients.registered_on), months.month_end) + 1
        ) as bigint) as client_days
    from clients
    inner join portraits
        on clients.client_id = portraits.client_id
    inner join months
        on coalesce(clients.registered_on, months.month_start) <= months.month_end
    group by all

),

sizes as (

    select
        portrait_code,
        count(*) as clients_count
    from portraits
    group by portrait_code

),

bought as (

    select
        portraits.portrait_code,
        cast(date_trunc('month', visits.occurred_at) as date) as month_start,
        count(*) as visits_count,
        cast(sum(visits.volume_l) as double) as volume_l,
        cast(sum(visits.total_amount_rub) as double) as revenue_rub
    from visits
    inner join portraits
        on visits.client_id = portraits.client_id
    group by all

),

final as (

    select
        presence.portrait_code,
        presence.month_start,
        sizes.clients_count,
        presence.client_days,
        coalesce(bought.visits_count, 0) as visits_count,
        coalesce(bought.volume_l, 0) as volume_l,
        coalesce(bought.revenue_rub, 0) as revenue_rub
    from presence
    inner join sizes
        on presence.portrait_code = sizes.portrait_code
    left join bought
        on presence.portrait_code = bought.portrait_code
        and presence.month_start = bought.month_start
    order by presence.portrait_code, presence.month_start

)

select * from final
