{{ config(materialized='table') }}

select cast(json -> 'shop' -> 'margin_share' ->> 'value' as double) as shop_margin_share
from {{ source('reference', 'twin') }}
