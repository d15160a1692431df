with stations as (

    select * from {{ ref('int_stations') }}

),

clients as (

    select * from {{ ref('int_clients') }}

),

labels as (

    select * from {{ ref('raw_twin__regions') }}

),

regions as (

    select region_code from stations
    union
    select region_code from clients
    where region_code is not null

),

stations_by_region as (

    select
        region_code,
        count(*) as stations_count
    from stations
    group by region_code

),

final as (

    select
        regions.region_code,
        -- Without a name in own data, the code is the name.
        case
            when regions.region_code = 'unknown' then 'Регион не указан'
            else coalesce(labels.label_ru, regions.region_code)
        end as label_ru,
        coalesce(stations_by_region.stations_count, 0) as stations_count
    from regions
    left join labels
        on regions.region_code = labels.region_code
    left join stations_by_region
        on regions.region_code = stations_by_region.region_code

)

select * from final
