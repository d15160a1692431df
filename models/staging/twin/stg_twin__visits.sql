with source as (

    select * from {{ ref('raw_twin__visits') }}

),

final as (

    select
        transaction_id,
        client_id,
        vehicle_id,
        station_id,
        fuel_grade,
        payment_method,
        cast(centilitres * 0.01 as decimal(10, 2)) as volume_l,
        cast({{ roubles('price_kopecks_per_l') }} as decimal(10, 2)) as price_rub_per_l,
        {{ roubles('fuel_amount_kopecks') }} as fuel_amount_rub,
        {{ roubles('coalesce(list_sum(list_transform(basket, lambda line: line.amount_kopecks)), 0)') }}
            as shop_amount_rub,
        occurred_at
    from source

)

select * from final
