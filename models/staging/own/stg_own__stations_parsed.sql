with stations as (

    select * from {{ ref('raw_own__stations') }}

),

final as (

    select
        {{ id_number('station_id') }} as station_id,
        station_id as source_station_id,
        region_code,
        label_ru,
        {%- for name in own_flags('stations') %}
        {{ name }} as {{ name }}_text,
        {{ text_flag(name) }} as {{ name }},
        {%- endfor %}
        source_file,
        source_row_number,
        source_columns,
        min(source_row_number) over (partition by station_id) as first_row_number,
        is_malformed
    from stations

)

select * from final
