with metrics as (

    select * from {{ ref('client_metrics_by_month') }}

),

pilot_days as (

    select
        as_of_on,
        date_diff('day', window_start, as_of_on) + 1 as window_days
    from {{ ref('int_as_of') }}
    where is_pilot_day

),

clients as (

    select
        client_id,
        main_fuel_grade,
        vehicles_count
    from {{ ref('stg_own__clients') }}

),

-- Vehicles of own data are known from their visits: one first seen after the start, perhaps because of the offer, is
-- not a pre-period trait.
vehicles as (

    select
        client_id,
        vehicle_id,
        min(cast(occurred_at as date)) as first_seen_on
    from {{ ref('stg_own__transactions') }}
    where client_id is not null and vehicle_id is not null
    group by client_id, vehicle_id

),

seen_vehicles as (

    select
        pilot_days.as_of_on,
        vehicles.client_id,
        count(*) as vehicles_count
    from pilot_days
    inner join vehicles
        on pilot_days.as_of_on >= vehicles.first_seen_on
    group by pilot_days.as_of_on, vehicles.client_id

),

final as (

    select
        metrics.* replace (
            coalesce(clients.vehicles_count, seen_vehicles.vehicles_count) as vehicles_count,
            -- Without litres of a known grade in the window, the metrics use the grade of all vehicles, later ones too.
            case
                when metrics.ai92_share is not null then metrics.main_fuel_grade else clients.main_fuel_grade
            end as main_fuel_grade
        ),
        metrics.observed_days >= pilot_days.window_days as has_pre_period
    from metrics
    inner join pilot_days
        on metrics.as_of_on = pilot_days.as_of_on
    inner join clients
        on metrics.client_id = clients.client_id
    left join seen_vehicles
        on metrics.as_of_on = seen_vehicles.as_of_on
        and metrics.client_id = seen_vehicles.client_id

)

select * from final
