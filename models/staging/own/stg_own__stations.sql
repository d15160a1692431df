with stations as (

    select * from {{ ref('stg_own__stations_judged') }}
    where reason_code is null

),

transactions as (

    select * from {{ ref('stg_own__transactions_judged') }}
    where reason_code is null

),

-- A sale at a station that is not in the stations file is still a sale.
unlisted as (

    select distinct
        station_id,
        source_station_id
    from transactions
    where station_id not in (select station_id from stations)

),

final as (

    select
        station_id,
        coalesce(region_code, 'unknown') as region_code,
        coalesce(label_ru, 'АЗС № ' || source_station_id) as label_ru,
        has_cafe,
        has_wash,
        source_row_number
    from stations
    union all
    select
        station_id,
        'unknown' as region_code,
        'АЗС № ' || source_station_id as label_ru,
        cast(null as boolean) as has_cafe,
        cast(null as boolean) as has_wash,
        cast(null as bigint) as source_row_number
    from unlisted

)

select * from final
