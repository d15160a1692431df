{# Home station of each client in the last window or in all windows. #}
{% macro client_home_stations(by_month=false) -%}
with visits as (

    select * from {{ ref('int_window_visits') }}
    {%- if not by_month %}
    where is_last_window
    {%- endif %}

),

by_station as (

    select
        as_of_on,
        client_id,
        station_id,
        count(*) as visits_count
    from visits
    group by as_of_on, client_id, station_id

),

-- Ties go to the station with the lowest number.
final as (

    select
        as_of_on,
        client_id,
        count(*) as stations_count,
        max(visits_count) as home_station_visits_count,
        -max(struct_pack(visits_count := visits_count, negated_station_id := -station_id)).negated_station_id
            as home_station_id
    from by_station
    group by as_of_on, client_id

)

select * from final
{%- endmacro %}
