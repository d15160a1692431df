{{ config(schema='quarantine', alias='stations', materialized='table') }}

with stations as (

    select * from {{ ref('stg_own__stations_judged') }}
    where reason_code is not null

),

final as (

    select
        source_columns,
        reason_code,
        case reason_code
            when 'malformed_row' then {{ malformed_row_ru() }}
            when 'missing_id' then 'Нет station_id'
            when 'duplicate_id' then {{ duplicate_id_ru('station_id', 'source_station_id') }}
            when 'bad_flag' then {{ bad_flag_ru() }}
        end as reason_ru,
        source_file as file,
        source_row_number as row_number
    from stations

)

select * from final
order by row_number
