with visits as (

    select * from {{ ref('int_visits') }}

),

portraits as (

    select * from {{ ref('fct_client_portraits') }}

),

run as (

    select * from {{ ref('int_run') }}

),

final as (

    select
        portraits.portrait_code,
        cast(date_trunc('month', visits.occurred_at) as date) as month_start_on,
        bool_and(
            date_trunc('month', visits.occurred_at) >= run.period_start
            and last_day(visits.occurred_at) <= run.period_end
        ) as is_full_month,
        count(*) as visits_count,
        cast(sum(visits.volume_l) as double) as volume_l,
        cast(sum(visits.total_amount_rub) as double) as revenue_rub
    from visits
    inner join portraits
        on visits.client_id = portraits.client_id
    cross join run
    group by all

)

select * from final
