with visits as (

    select * from {{ ref('int_visits') }}

),

run as (

    select * from {{ ref('int_run') }}

),

final as (

    select
        cast(date_trunc('month', occurred_at) as date) as month_start_on,
        region_code,
        bool_and(
            date_trunc('month', occurred_at) >= run.period_start and last_day(occurred_at) <= run.period_end
        ) as is_full_month,
        count(*) as visits_count,
        count(client_id) as identified_visits_count,
        {{ ratio('count(client_id)', 'count(*)') }} as identified_share,
        cast(sum(volume_l) as double) as volume_l,
        cast(sum(total_amount_rub) as double) as revenue_rub,
        cast(sum(shop_amount_rub) as double) as shop_revenue_rub,
        cast(sum(margin_rub) as double) as margin_rub,
        count(distinct client_id) as active_clients_count
    from visits
    cross join run
    group by all

)

select * from final
