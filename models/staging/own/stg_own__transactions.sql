select
    cast(null as bigint) as transaction_id,
    cast(null as bigint) as client_id,
    cast(null as bigint) as vehicle_id,
    cast(null as bigint) as station_id,
    cast(null as varchar) as fuel_grade,
    cast(null as varchar) as payment_method,
    cast(null as decimal(10, 2)) as volume_l,
    cast(null as decimal(10, 2)) as price_rub_per_l,
    cast(null as decimal(14, 2)) as fuel_amount_rub,
    cast(null as decimal(14, 2)) as shop_amount_rub,
    cast(null as timestamp) as occurred_at
where false
