with lines as (

    select * from {{ ref('stg_own__transactions_judged') }}
    where reason_code is null

),

-- The id of a visit is that of its first accepted line, whatever that line sold.
named as (

    select
        *,
        first_value(transaction_id) over (partition by visit_key order by source_row_number) as visit_id
    from lines

),

final as (

    select
        visit_id as transaction_id,
        row_number() over (partition by visit_key order by source_row_number) as line_number,
        category_code,
        quantity,
        shop_amount_rub as amount_rub
    from named
    where shop_amount_rub > 0

)

select * from final
