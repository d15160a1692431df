{{ config(schema='quarantine', alias='transactions', materialized='table') }}

with transactions as (

    select * from {{ ref('stg_own__transactions_judged') }}
    where reason_code is not null

),

final as (

    select
        source_columns,
        reason_code,
        case reason_code
            when 'malformed_row' then {{ malformed_row_ru() }}
            when 'missing_id'
                then case when source_transaction_id is null then 'Нет transaction_id' else 'Нет station_id' end
            when 'duplicate_id' then {{ duplicate_id_ru('transaction_id', 'line_id') }}
            when 'bad_date'
                then 'occurred_at ' || {{ quoted_ru('occurred_at_text') }}
                    || ' — не дата и время; допустимо 2025-03-31 18:05:00 или 31.03.2025 18:05'
            when 'unknown_client' then {{ unknown_client_ru() }}
            when 'ignored_product' then 'Товар «' || product || '» исключён в mapping.json'
            when 'unknown_product'
                then 'Товар ' || {{ quoted_ru('product') }} || ' не описан в products файла mapping.json'
            when 'unknown_grade' then {{ unknown_code_ru('fuel_grade', 'fuel_grade_text', fuel_grades()) }}
            when 'unknown_category' then {{ unknown_code_ru('category_code', 'category_code', shop_categories()) }}
            when 'unknown_payment' then {{ unknown_code_ru('payment_method', 'payment_method', payment_methods()) }}
            when 'bad_number' then bad_column || ' «' || bad_text || '» — не число'
            when 'negative_value' then bad_column || ' = ' || bad_text || ' меньше нуля'
            when 'unknown_currency'
                then 'Валюта ' || coalesce('«' || currency_code || '»', '(неизвестна)')
                    || ': курса к рублю нет в mapping.json'
            when 'out_of_range'
                then 'Слишком большое число: литров ' || rounded_litres || ', рублей ' || (fuel_rub + shop_rub)
            when 'no_money' then 'Сумма пуста или равна нулю'
            when 'amount_mismatch'
                then bad_column || ' ' || bad_text || case
                    when shop_money < 0 then ' меньше суммы за топливо ' || fuel_money
                    when bad_column = 'fuel_amount_rub' then ' ≠ ' || volume_l_text || ' л × ' || price_rub_per_l_text
                    else ' ≠ ' || fuel_money || ' + ' || shop_money
                end
            when 'no_volume' then 'Есть сумма за топливо ' || fuel_money || ', но нет литров'
            when 'unusual_price'
                then 'Цена литра ' || round(rub_per_litre, 2) || ' ₽'
                    || coalesce(' при обычной ' || round(usual_price, 2) || ' ₽', '')
                    || ': другая валюта или сдвинута запятая?'
            when 'over_tank' then 'За визит ' || visit_litres || ' л, бак ' || tank_volume_l || ' л'
            when 'before_registration'
                then 'Визит ' || cast(occurred_at as date) || ' раньше регистрации ' || registered_on
        end as reason_ru,
        source_file as file,
        source_row_number as row_number
    from transactions

)

select * from final
order by row_number
