{{ config(materialized='table') }}

with twin as (

    select * from {{ ref('stg_twin__clients') }}

),

own as (

    select * from {{ ref('stg_own__clients') }}

),

vehicles as (

    select * from {{ ref('int_vehicles') }}

),

clients as (

    select
        client_id,
        source_client_id,
        client_type,
        region_code,
        cast(null as varchar) as main_fuel_grade,
        cast(null as double) as tank_volume_l,
        cast(null as bigint) as vehicles_count,
        has_loyalty_card,
        has_fuel_card,
        has_contract,
        has_marketing_consent,
        registered_on
    from twin
    union all
    select
        client_id,
        source_client_id,
        client_type,
        region_code,
        main_fuel_grade,
        tank_volume_l,
        vehicles_count,
        has_loyalty_card,
        has_fuel_card,
        has_contract,
        has_marketing_consent,
        registered_on
    from own

),

vehicles_by_client as (

    select
        client_id,
        count(*) as vehicles_count,
        max(tank_volume_l) as tank_volume_l,
        {{ exact_avg('tank_volume_l') }} as tank_volume_mean_l,
        -- Ties go to the first grade by name.
        mode(fuel_grade order by fuel_grade) as main_fuel_grade
    from vehicles
    group by client_id

),

final as (

    select
        clients.client_id,
        clients.source_client_id,
        clients.client_type,
        clients.region_code,
        coalesce(clients.main_fuel_grade, vehicles_by_client.main_fuel_grade) as main_fuel_grade,
        coalesce(clients.tank_volume_l, vehicles_by_client.tank_volume_l) as tank_volume_l,
        -- Own data has no tanks of single vehicles, at most the client's largest.
        coalesce(vehicles_by_client.tank_volume_mean_l, clients.tank_volume_l) as tank_volume_mean_l,
        coalesce(clients.vehicles_count, vehicles_by_client.vehicles_count) as vehicles_count,
        clients.has_loyalty_card,
        clients.has_fuel_card,
        clients.has_contract,
        clients.has_marketing_consent,
        clients.registered_on
    from clients
    left join vehicles_by_client
        on clients.client_id = vehicles_by_client.client_id

)

select * from final
