select
    cast(null as bigint) as client_id,
    cast(null as varchar) as source_client_id,
    cast(null as varchar) as client_type,
    cast(null as varchar) as region_code,
    cast(null as date) as registered_on,
    cast(null as boolean) as has_loyalty_card,
    cast(null as boolean) as has_fuel_card,
    cast(null as boolean) as has_contract,
    cast(null as varchar) as main_fuel_grade,
    cast(null as double) as tank_volume_l,
    cast(null as bigint) as vehicles_count
where false
