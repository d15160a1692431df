with visits as (

    select * from {{ ref('int_window_visits') }}

),

by_station as (

    select
        client_id,
        station_id,
        count(*) as visits_count
    from visits
    group by client_id, station_id

),

-- Of stations visited equally often the first by number.
final as (

    select
        client_id,
        count(*) as stations_count,
        max(visits_count) as home_station_visits_count,
        -max(struct_pack(visits_count := visits_count, negated_station_id := -station_id)).negated_station_id
            as home_station_id
    from by_station
    group by client_id

)

select * from final
