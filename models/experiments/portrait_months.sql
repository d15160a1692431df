with visits as (

    select * from {{ ref('int_visits') }}

),

portraits as (

    select * from {{ ref('client_portraits') }}

),

run as (

    select * from {{ ref('int_run') }}

),

-- Full months only: a history that ends within a month has no figure for it.
final as (

    select
        portraits.portrait_code,
        cast(date_trunc('month', visits.occurred_at) as date) as month_start,
        count(*) as visits_count,
        cast(sum(visits.volume_l) as double) as volume_l,
        cast(sum(visits.total_amount_rub) as double) as revenue_rub
    from visits
    inner join portraits
        on visits.client_id = portraits.client_id
    cross join run
    where
        date_trunc('month', visits.occurred_at) >= run.period_start
        and last_day(visits.occurred_at) <= run.period_end
    group by all
    order by all

)

select * from final
