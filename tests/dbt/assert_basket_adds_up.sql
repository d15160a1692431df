-- The shop lines of a visit add up to its shop amount.
with items as (

    select
        transaction_id,
        sum(amount_rub) as amount_rub
    from {{ ref('fct_basket_items') }}
    group by transaction_id

)

select
    transactions.transaction_id,
    transactions.shop_amount_rub,
    items.amount_rub
from {{ ref('fct_transactions') }} as transactions
full join items
    on transactions.transaction_id = items.transaction_id
where coalesce(transactions.shop_amount_rub, 0) <> coalesce(items.amount_rub, 0)
