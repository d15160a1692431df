with items as (

    select
        transaction_id,
        line_number,
        category_code,
        quantity,
        amount_rub
    from {{ ref('stg_twin__basket_items') }}
    union all
    select
        transaction_id,
        line_number,
        category_code,
        quantity,
        amount_rub
    from {{ ref('stg_own__basket_items') }}

)

select * from items
