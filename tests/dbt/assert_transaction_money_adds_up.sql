-- Fuel is litres × price to the kopeck (own data: within the rounding of a derived price), and the total is the sum.
select
    transactions.transaction_id,
    transactions.fuel_amount_rub,
    transactions.volume_l,
    transactions.price_rub_per_l
from {{ ref('fct_transactions') }} as transactions
cross join {{ ref('run_info') }} as run_info
where
    transactions.total_amount_rub <> transactions.fuel_amount_rub + transactions.shop_amount_rub
    or (
        run_info.source = 'synthetic'
        and abs(transactions.fuel_amount_rub - transactions.volume_l * transactions.price_rub_per_l) > 0.005
    )
    or (
        run_info.source = 'own'
        and abs(transactions.fuel_amount_rub - transactions.volume_l * transactions.price_rub_per_l)
        > 0.01 + 0.005 * transactions.volume_l
    )
