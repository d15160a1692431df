{{ config(materialized='view') }}

select
    transaction_id,
    client_id,
    vehicle_id,
    station_id,
    fuel_grade,
    payment_method,
    volume_l,
    price_rub_per_l,
    fuel_amount_rub,
    shop_amount_rub,
    total_amount_rub,
    occurred_at
from {{ ref('int_visits') }}
