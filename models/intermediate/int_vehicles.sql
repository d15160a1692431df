with twin as (

    select * from {{ ref('stg_twin__vehicles') }}

),

own_visits as (

    select * from {{ ref('stg_own__transactions') }}

),

-- Vehicles of own data are known only from their visits.
own as (

    select
        vehicle_id,
        min(client_id) as client_id,
        mode(fuel_grade order by fuel_grade) as fuel_grade
    from own_visits
    where vehicle_id is not null and client_id is not null
    group by vehicle_id

),

final as (

    select
        vehicle_id,
        client_id,
        fuel_grade,
        tank_volume_l
    from twin
    union all
    select
        vehicle_id,
        client_id,
        fuel_grade,
        cast(null as double) as tank_volume_l
    from own

)

select * from final
