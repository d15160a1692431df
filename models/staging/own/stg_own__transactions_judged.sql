{{ config(materialized='table') }}

{%- set grades = fuel_grades() %}
{%- set categories = shop_categories() %}
{%- set payment_codes = payment_methods() %}

with transactions as (

    select * from {{ ref('stg_own__transactions_parsed') }}

),

findings as (

    select
        *,
        {{ first_fault(own_numbers('transactions'), '{name} is null') }} as bad_number,
        {{ first_fault(own_numbers('transactions'), '{name} < 0') }} as negative_value,
        case
            when shop_money < 0 then { 'name': 'total_amount_rub', 'text': total_amount_rub_text }
            when abs(fuel_amount_rub - volume_l * price_rub_per_l) > tolerance
                then { 'name': 'fuel_amount_rub', 'text': fuel_amount_rub_text }
            when abs(total_amount_rub - fuel_money - shop_money) > 0.02
                then { 'name': 'total_amount_rub', 'text': total_amount_rub_text }
        end as mismatch
    from transactions

),

judged_alone as (

    select
        *,
        case
            when is_malformed then 'malformed_row'
            when source_transaction_id is null or source_station_id is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when coalesce(year(occurred_at) not between 1990 and 2099, true) then 'bad_date'
            when source_client_id is not null and not is_known_client then 'unknown_client'
            when is_product_line and product_code = 'ignored' then 'ignored_product'
            when is_product_line and fuel_grade is null and category_code is null then 'unknown_product'
            when fuel_grade_text not in (
                '{{ grades | join("', '") }}'
            ) then 'unknown_grade'
            when category_code not in (
                '{{ categories | join("', '") }}'
            ) then 'unknown_category'
            when payment_method not in (
                '{{ payment_codes | join("', '") }}'
            ) then 'unknown_payment'
            when bad_number is not null then 'bad_number'
            when negative_value is not null then 'negative_value'
            when rub_per_unit is null then 'unknown_currency'
            when rounded_litres >= 1000000 or fuel_rub >= 1000000000 or shop_rub >= 1000000000 then 'out_of_range'
            when fuel_rub + shop_rub = 0 or (rounded_litres > 0 and fuel_rub = 0) then 'no_money'
            when mismatch is not null then 'amount_mismatch'
            when fuel_rub > 0 and rounded_litres = 0 then 'no_volume'
            when rub_per_litre > 100000 then 'unusual_price'
            when cast(occurred_at as date) < registered_on then 'before_registration'
        end as row_reason_code,
        -- In the order of the reasons above.
        coalesce(bad_number, negative_value, mismatch) as fault
    from findings

),

-- The usual price of a grade reveals rows in another currency or with a shifted decimal point; it needs enough rows.
usual_prices as (

    select
        fuel_grade,
        exp(avg(ln(rub_per_litre))) as usual_price
    from judged_alone
    where row_reason_code is null
    group by fuel_grade
    having count(rub_per_litre) >= 20

),

-- All lines of a visit go into one tank; rows already rejected do not count.
overfilled as (

    select
        visit_key,
        sum(litres) as visit_litres
    from judged_alone
    where row_reason_code is null and tank_volume_l is not null
    group by visit_key
    having sum(litres) > min(tank_volume_l)

),

final as (

    select
        source_transaction_id,
        judged_alone.visit_key,
        transaction_id,
        client_id,
        vehicle_id,
        station_id,
        source_station_id,
        judged_alone.fuel_grade,
        category_code,
        payment_method,
        source_file,
        source_row_number,
        source_columns,
        case
            when row_reason_code is not null then row_reason_code
            when rub_per_litre not between usual_price / 5 and usual_price * 5 then 'unusual_price'
            when litres > 0 and visit_litres > tank_volume_l then 'over_tank'
        end as reason_code,
        case when reason_code is null then cast(rounded_litres as decimal(10, 2)) end as volume_l,
        case when reason_code is null then cast(fuel_rub as decimal(14, 2)) end as fuel_amount_rub,
        case when reason_code is null then cast(shop_rub as decimal(14, 2)) end as shop_amount_rub,
        case
            when reason_code is null and is_product_line then nullif(cast(round(quantity) as bigint), 0)
        end as quantity,
        occurred_at,
        judged_alone.fault.name as bad_column,
        judged_alone.fault.text as bad_text,
        {{ of_rejected([
            'source_client_id', 'line_id', 'first_row_number', 'occurred_at_text', 'registered_on', 'product',
            'fuel_grade_text', 'currency_code', 'volume_l_text', 'price_rub_per_l_text', 'rounded_litres', 'fuel_money',
            'shop_money', 'fuel_rub', 'shop_rub', 'rub_per_litre', 'usual_price', 'visit_litres', 'tank_volume_l'
        ]) }}
    from judged_alone
    left join usual_prices
        on judged_alone.fuel_grade = usual_prices.fuel_grade
    left join overfilled
        on judged_alone.visit_key = overfilled.visit_key

)

select * from final
