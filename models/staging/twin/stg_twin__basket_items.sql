with source as (

    select
        transaction_id,
        basket
    from {{ ref('raw_twin__visits') }}
    where len(basket) > 0

),

lines as (

    select
        transaction_id,
        unnest(range(1, len(basket) + 1)) as line_number,
        unnest(basket) as line
    from source

),

final as (

    select
        transaction_id,
        line_number,
        line.category_code,
        line.quantity,
        {{ roubles('line.amount_kopecks') }} as amount_rub
    from lines

)

select * from final
