{{ config(materialized='table') }}

{%- set numbers = [
    'volume_l', 'price_rub_per_l', 'fuel_amount_rub', 'shop_amount_rub', 'total_amount_rub', 'quantity', 'amount'
] %}
{%- set categories = ['coffee', 'meal', 'snack', 'drink', 'goods', 'wash', 'other'] %}
{%- set payment_codes = payment_methods() %}
{%- set time_formats = [
    '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%d', '%Y-%m-%d %H:%M:%S.%f',
    '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S.%f',
    '%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y'
] %}

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
        transaction_id,
        visit_key,
        transactions.line_id,
        client_id,
        vehicle_id,
        station_id,
        lower(payment_method) as payment_method,
        lower(fuel_grade) as fuel_grade,
        lower(category_code) as category_code,
        product,
        product_code,
        coalesce(transactions.currency_code, clients.currency_code) as currency_code,
        amount_is,
        occurred_at as occurred_at_text,
        source_file,
        source_row_number,
        source_columns,
        is_malformed,
        amount_is is not null as is_product_line,
        try_strptime(occurred_at, [
            {%- for format in time_formats %}
            '{{ format }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ]) as occurred_at,
        clients.source_client_id is not null as is_known_client,
        clients.registered_on,
        clients.tank_volume_l,
        -- A currency of its own without a rate is unknown, not the client's.
        coalesce(
            cast(transactions.rub_per_unit as double),
            case when transactions.currency_code is null then clients.rub_per_unit end
        ) as rub_per_unit,
        {%- for name in numbers %}
        {{ name }} as {{ name }}_text,
        {{ text_number(name) }} as {{ name }},
        {%- endfor %}
        repeated.first_row_number
    from transactions
    left join repeated
        on transactions.line_id = repeated.line_id
    left join clients
        on transactions.client_id = clients.source_client_id

),

-- A row is either a whole sale with litres and money in columns of their own, or a line that names its product.
parts as (

    select
        *,
        case
            when not is_product_line then fuel_grade
            when product_code in (
                '{{ fuel_grades() | join("', '") }}'
            ) then product_code
        end as grade,
        case
            when not is_product_line then coalesce(category_code, 'other')
            when product_code in (
                '{{ categories | join("', '") }}'
            ) then product_code
        end as category,
        case when amount_is = 'price' then amount * quantity else amount end as line_amount,
        coalesce(
            {%- for name in numbers %}
            case when {{ name }} is null then '{{ name }} «' || {{ name }}_text || '»' end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as bad_number,
        coalesce(
            {%- for name in numbers %}
            case when {{ name }} < 0 then '{{ name }} = ' || {{ name }}_text end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as negative_value
    from typed

),

fuelled as (

    select
        *,
        case when not is_product_line then volume_l when grade is not null then quantity end as litres,
        -- Three rounded numbers cannot agree better than their last digits.
        0.01 + 0.005 * (volume_l + price_rub_per_l) as tolerance,
        total_amount_rub - coalesce(shop_amount_rub, 0) as rest_of_total
    from parts

),

sold as (

    select
        *,
        case
            when is_product_line and grade is not null then line_amount
            when is_product_line then 0
            when fuel_amount_rub is not null then fuel_amount_rub
            when coalesce(volume_l, 0) = 0 then 0
            -- Where only the total was written down, its kopecks are the true ones.
            when abs(rest_of_total - volume_l * price_rub_per_l) <= tolerance then rest_of_total
            else coalesce(round(volume_l * price_rub_per_l, 2), rest_of_total)
        end as fuel_money
    from fuelled

),

added_up as (

    select
        *,
        case
            when is_product_line and category is not null then line_amount
            when is_product_line then 0
            else coalesce(shop_amount_rub, round(total_amount_rub - coalesce(fuel_money, 0), 2), 0)
        end as shop_money
    from sold

),

in_roubles as (

    select
        *,
        round(coalesce(litres, 0), 2) as volume,
        round(coalesce(fuel_money, 0) * rub_per_unit, 2) as fuel_rub,
        round(coalesce(shop_money, 0) * rub_per_unit, 2) as shop_rub
    from added_up

),

priced as (

    select
        *,
        case when volume > 0 and fuel_rub > 0 then fuel_rub / volume end as price_rub
    from in_roubles

),

judged as (

    select
        *,
        case
            when is_malformed then 'malformed_row'
            when transaction_id is null or station_id is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when coalesce(year(occurred_at) not between 1990 and 2099, true) then 'bad_date'
            when client_id is not null and not is_known_client then 'unknown_client'
            when is_product_line and product_code = 'ignored' then 'ignored_product'
            when is_product_line and grade is null and category is null then 'unknown_product'
            when fuel_grade not in (
                '{{ fuel_grades() | join("', '") }}'
            ) then 'unknown_grade'
            when category not in (
                '{{ categories | join("', '") }}'
            ) then 'unknown_category'
            when payment_method not in (
                '{{ payment_codes | join("', '") }}'
            ) then 'unknown_payment'
            when bad_number is not null then 'bad_number'
            when negative_value is not null then 'negative_value'
            when rub_per_unit is null then 'unknown_currency'
            when volume >= 1000000 or fuel_rub >= 1000000000 or shop_rub >= 1000000000 then 'out_of_range'
            when fuel_rub + shop_rub = 0 or (volume > 0 and fuel_rub = 0) then 'no_money'
            when
                shop_money < 0
                or abs(fuel_amount_rub - volume_l * price_rub_per_l) > tolerance
                or abs(total_amount_rub - fuel_money - shop_money) > 0.02
                then 'amount_mismatch'
            when fuel_rub > 0 and volume = 0 then 'no_volume'
            when price_rub > 100000 then 'unusual_price'
            when cast(occurred_at as date) < registered_on then 'before_registration'
        end as line_reason_code
    from priced

),

-- The usual price of a grade shows a row in another currency or with a slipped comma. Few rows show nothing.
usual_prices as (

    select
        grade,
        exp(avg(ln(price_rub))) as usual_price
    from judged
    where line_reason_code is null
    group by grade
    having count(price_rub) >= 20

),

-- The lines of a visit go into one tank; a line that is rejected by itself is no part of the visit.
overfilled as (

    select
        visit_key,
        sum(litres) as visit_litres
    from judged
    where line_reason_code is null and tank_volume_l is not null
    group by visit_key
    having sum(litres) > min(tank_volume_l)

),

decided as (

    select
        transaction_id,
        judged.visit_key,
        line_id,
        client_id,
        vehicle_id,
        station_id,
        judged.grade,
        category,
        fuel_grade,
        payment_method,
        product,
        currency_code,
        source_file,
        source_row_number,
        source_columns,
        occurred_at_text,
        volume_l_text,
        price_rub_per_l_text,
        fuel_amount_rub_text,
        total_amount_rub_text,
        bad_number,
        negative_value,
        first_row_number,
        is_product_line,
        quantity,
        volume_l,
        price_rub_per_l,
        fuel_amount_rub,
        tolerance,
        fuel_money,
        shop_money,
        volume,
        fuel_rub,
        shop_rub,
        price_rub,
        usual_prices.usual_price,
        overfilled.visit_litres,
        tank_volume_l,
        occurred_at,
        registered_on,
        case
            when line_reason_code is not null then line_reason_code
            when price_rub not between usual_price / 5 and usual_price * 5 then 'unusual_price'
            when litres > 0 and visit_litres > tank_volume_l then 'over_tank'
        end as reason_code
    from judged
    left join usual_prices
        on judged.grade = usual_prices.grade
    left join overfilled
        on judged.visit_key = overfilled.visit_key

),

final as (

    select
        transaction_id as source_transaction_id,
        visit_key,
        {{ id_number('transaction_id') }} as transaction_id,
        {{ id_number('client_id') }} as client_id,
        {{ id_number('vehicle_id') }} as vehicle_id,
        {{ id_number('station_id') }} as station_id,
        station_id as source_station_id,
        grade as fuel_grade,
        category as category_code,
        payment_method,
        source_file,
        source_row_number,
        source_columns,
        case when reason_code is null then cast(volume as decimal(10, 2)) end as volume_l,
        case when reason_code is null then cast(fuel_rub as decimal(14, 2)) end as fuel_amount_rub,
        case when reason_code is null then cast(shop_rub as decimal(14, 2)) end as shop_amount_rub,
        case
            when reason_code is null and is_product_line then nullif(cast(round(quantity) as bigint), 0)
        end as quantity,
        cast(occurred_at as timestamp) as occurred_at,
        reason_code,
        case reason_code
            when 'malformed_row' then 'В строке больше или меньше полей, чем в заголовке'
            when 'missing_id'
                then case when transaction_id is null then 'Нет transaction_id' else 'Нет station_id' end
            when 'duplicate_id' then 'transaction_id «' || line_id || '» уже есть в строке ' || first_row_number
            when 'bad_date'
                then 'occurred_at ' || coalesce('«' || occurred_at_text || '»', '(пусто)')
                    || ' — не дата и время; допустимо 2025-03-31 18:05:00 или 31.03.2025 18:05'
            when 'unknown_client'
                then 'Клиента «' || client_id || '» нет в файле клиентов или его строка в карантине'
            when 'ignored_product' then 'Товар «' || product || '» исключён в mapping.json'
            when 'unknown_product'
                then 'Товар ' || coalesce('«' || product || '»', '(пусто)')
                    || ' не описан в products файла mapping.json'
            when 'unknown_grade'
                then 'fuel_grade «' || fuel_grade || '»: допустимо '
                    || '{{ fuel_grades() | join(", ") }}'
            when 'unknown_category'
                then 'category_code «' || category || '»: допустимо '
                    || '{{ categories | join(", ") }}'
            when 'unknown_payment'
                then 'payment_method «' || payment_method || '»: допустимо '
                    || '{{ payment_methods() | join(", ") }}'
            when 'bad_number' then bad_number || ' — не число'
            when 'negative_value' then negative_value || ' меньше нуля'
            when 'unknown_currency'
                then 'Валюта ' || coalesce('«' || currency_code || '»', '(неизвестна)')
                    || ': курса к рублю нет в mapping.json'
            when 'out_of_range'
                then 'Слишком большое число: литров ' || volume || ', рублей ' || (fuel_rub + shop_rub)
            when 'amount_mismatch'
                then case
                    when shop_money < 0
                        then 'total_amount_rub ' || total_amount_rub_text || ' меньше суммы за топливо ' || fuel_money
                    when abs(fuel_amount_rub - volume_l * price_rub_per_l) > tolerance
                        then 'fuel_amount_rub ' || fuel_amount_rub_text || ' ≠ ' || volume_l_text || ' л × '
                            || price_rub_per_l_text
                    else 'total_amount_rub ' || total_amount_rub_text || ' ≠ ' || fuel_money || ' + ' || shop_money
                end
            when 'no_money' then 'Сумма пуста или равна нулю'
            when 'no_volume' then 'Есть сумма за топливо ' || fuel_money || ', но нет литров'
            when 'unusual_price'
                then 'Цена литра ' || round(price_rub, 2) || ' ₽'
                    || coalesce(' при обычной ' || round(usual_price, 2) || ' ₽', '')
                    || ': другая валюта или сдвинута запятая?'
            when 'over_tank' then 'За визит ' || visit_litres || ' л, бак ' || tank_volume_l || ' л'
            when 'before_registration'
                then 'Визит ' || cast(occurred_at as date) || ' раньше регистрации ' || registered_on
        end as reason_ru
    from decided

)

select * from final
