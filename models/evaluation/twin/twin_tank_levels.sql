with fills as (

    select * from {{ ref('truth_vehicle_fills') }}

),

vehicle_fuel as (

    select * from {{ ref('truth_vehicle_fuel') }}

),

clients as (

    select * from {{ ref('int_clients') }}

),

run as (

    select * from {{ ref('int_run') }}

),

last_month as (

    select
        fills.vehicle_id,
        if(clients.client_type = 'private', 'private', 'fleet') as example_code,
        vehicle_fuel.tank_volume_l,
        clients.vehicles_count,
        fills.filled_at,
        fills.level_before_l,
        fills.level_after_l,
        fills.is_here
    from fills
    inner join vehicle_fuel
        on fills.vehicle_id = vehicle_fuel.vehicle_id
    inner join clients
        on vehicle_fuel.client_id = clients.client_id
    inner join run
        on fills.filled_at >= date_trunc('month', run.period_end)
        and fills.filled_at < run.period_end + interval 1 day

),

-- Vehicles worth showing: several fills and, for private clients, fills both here and elsewhere.
candidates as (

    select
        example_code,
        vehicle_id
    from last_month
    group by example_code, vehicle_id
    having
        count(*) between 4 and 8
        and if(
            example_code = 'private',
            bool_or(is_here) and not bool_and(is_here),
            min(vehicles_count) >= 3
        )

),

chosen as (

    select
        example_code,
        min(vehicle_id) as vehicle_id
    from candidates
    group by example_code

),

numbered as (

    select
        chosen.example_code,
        last_month.vehicle_id,
        last_month.tank_volume_l,
        last_month.filled_at,
        last_month.level_before_l,
        last_month.level_after_l,
        last_month.is_here,
        row_number() over (partition by chosen.example_code order by last_month.filled_at) as fill_number
    from chosen
    inner join last_month
        on chosen.vehicle_id = last_month.vehicle_id

),

final as (

    select
        example_code,
        vehicle_id,
        tank_volume_l,
        2 * fill_number - 1 as point_number,
        level_before_l as level_l,
        cast(null as boolean) as is_here,
        filled_at as point_at
    from numbered
    union all
    select
        example_code,
        vehicle_id,
        tank_volume_l,
        2 * fill_number as point_number,
        level_after_l as level_l,
        is_here,
        filled_at as point_at
    from numbered

)

select * from final
