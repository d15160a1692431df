with clients as (

    select * from {{ ref('int_clients') }}

),

metrics as (

    select * from {{ ref('client_metrics') }}

),

final as (

    select
        clients.client_id,
        clients.source_client_id,
        clients.client_type,
        clients.region_code,
        metrics.home_station_id,
        metrics.main_fuel_grade,
        metrics.main_payment_method,
        clients.registered_on,
        clients.tank_volume_l,
        clients.vehicles_count,
        clients.has_loyalty_card,
        clients.has_fuel_card,
        clients.has_contract,
        clients.has_marketing_consent
    from clients
    inner join metrics
        on clients.client_id = metrics.client_id

)

select * from final
