select
    cast(null as bigint) as station_id,
    cast(null as varchar) as region_code,
    cast(null as varchar) as label_ru,
    cast(null as boolean) as has_cafe,
    cast(null as boolean) as has_wash
where false
