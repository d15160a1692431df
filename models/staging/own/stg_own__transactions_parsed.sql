{%- set grades = fuel_grades() %}
{%- set categories = shop_categories() %}

with transactions as (

    select * from {{ ref('raw_own__transactions') }}

),

clients as (

    select
        source_client_id,
        tank_volume_l,
        rub_per_unit,
        currency_code,
        registered_on
    from {{ ref('stg_own__known_clients') }}

),

repeated as (

    select
        line_id,
        min(source_row_number) as first_row_number
    from transactions
    where line_id is not null
    group by line_id
    having count(*) > 1

),

typed as (

    select
        {{ id_number('transaction_id') }} as transaction_id,
        transaction_id as source_transaction_id,
        transactions.line_id,
        visit_key,
        {{ id_number('client_id') }} as client_id,
        client_id as source_client_id,
        {{ id_number('vehicle_id') }} as vehicle_id,
        {{ id_number('station_id') }} as station_id,
        station_id as source_station_id,
        lower(payment_method) as payment_method,
        lower(fuel_grade) as fuel_grade_text,
        lower(category_code) as category_text,
        product,
        product_code,
        coalesce(transactions.currency_code, clients.currency_code) as currency_code,
        amount_is,
        -- The client's rate does not apply to a row with a currency of its own.
        coalesce(
            cast(transactions.rub_per_unit as double),
            case when transactions.currency_code is null then clients.rub_per_unit end
        ) as rub_per_unit,
        {%- for name in own_numbers('transactions') %}
        {{ name }} as {{ name }}_text,
        {{ text_number(name) }} as {{ name }},
        {%- endfor %}
        occurred_at as occurred_at_text,
        {{ text_time('occurred_at') }} as occurred_at,
        source_file,
        source_row_number,
        source_columns,
        repeated.first_row_number,
        is_malformed,
        amount_is is not null as is_product_line,
        clients.source_client_id is not null as is_known_client,
        clients.registered_on,
        clients.tank_volume_l
    from transactions
    left join repeated
        on transactions.line_id = repeated.line_id
    left join clients
        on transactions.client_id = clients.source_client_id

),

-- A row is either a whole sale, with litres and money in separate columns, or a line with a product.
parts as (

    select
        *,
        case
            when not is_product_line then fuel_grade_text
            when product_code in (
                '{{ grades | join("', '") }}'
            ) then product_code
        end as fuel_grade,
        case
            when not is_product_line then coalesce(category_text, 'other')
            when product_code in (
                '{{ categories | join("', '") }}'
            ) then product_code
        end as category_code,
        case when amount_is = 'price' then amount * quantity else amount end as line_amount
    from typed

),

fuelled as (

    select
        *,
        case when not is_product_line then volume_l when fuel_grade is not null then quantity end as litres,
        -- Three rounded numbers agree only up to their last digits.
        0.01 + 0.005 * (volume_l + price_rub_per_l) as tolerance,
        total_amount_rub - coalesce(shop_amount_rub, 0) as rest_of_total
    from parts

),

sold as (

    select
        *,
        case
            when is_product_line and fuel_grade is not null then line_amount
            when is_product_line then 0
            when fuel_amount_rub is not null then fuel_amount_rub
            when coalesce(volume_l, 0) = 0 then 0
            -- If only the total is given, its kopecks are exact; those of litres × price are not.
            when abs(rest_of_total - volume_l * price_rub_per_l) <= tolerance then rest_of_total
            else coalesce(round(volume_l * price_rub_per_l, 2), rest_of_total)
        end as fuel_money
    from fuelled

),

added_up as (

    select
        *,
        case
            when is_product_line and category_code is not null then line_amount
            when is_product_line then 0
            else coalesce(shop_amount_rub, round(total_amount_rub - coalesce(fuel_money, 0), 2), 0)
        end as shop_money
    from sold

),

final as (

    select
        * exclude (amount_is, category_text, line_amount, rest_of_total),
        round(coalesce(litres, 0), 2) as rounded_litres,
        round(coalesce(fuel_money, 0) * rub_per_unit, 2) as fuel_rub,
        round(coalesce(shop_money, 0) * rub_per_unit, 2) as shop_rub,
        case when rounded_litres > 0 and fuel_rub > 0 then fuel_rub / rounded_litres end as rub_per_litre
    from added_up

)

select * from final
