with clients as (

    select * from {{ ref('int_clients') }}

),

metrics as (

    select * from {{ ref('client_metrics') }}

),

final as (

    select
        coalesce(clients.region_code, 'unknown') as region_code,
        coalesce(clients.client_type, 'unknown') as client_type,
        coalesce(metrics.main_fuel_grade, 'unknown') as main_fuel_grade,
        count(*) as clients_count,
        count(*) filter (where metrics.visits_count > 0) as active_clients_count,
        {{ exact_sum('metrics.spend_rub_per_month') }} as spend_rub_per_month
    from clients
    inner join metrics
        on clients.client_id = metrics.client_id
    group by all

)

select * from final
