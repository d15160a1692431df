select
    cast(null as bigint) as transaction_id,
    cast(null as bigint) as line_number,
    cast(null as varchar) as category_code,
    cast(null as bigint) as quantity,
    cast(null as decimal(14, 2)) as amount_rub
where false
