{{ config(materialized='table') }}

with stations as (

    select * from {{ ref('stg_own__stations_parsed') }}

),

judged as (

    select
        *,
        {{ first_fault(own_flags('stations'), '{name} is null') }} as bad_flag,
        case
            when is_malformed then 'malformed_row'
            when source_station_id is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when bad_flag is not null then 'bad_flag'
        end as reason_code
    from stations

),

final as (

    select
        station_id,
        source_station_id,
        region_code,
        label_ru,
        has_cafe,
        has_wash,
        source_file,
        source_row_number,
        source_columns,
        reason_code,
        judged.bad_flag.name as bad_column,
        judged.bad_flag.text as bad_text,
        {{ of_rejected(['first_row_number']) }}
    from judged

)

select * from final
