{#- Each check: table with its count, code, Russian label, Russian population, whether it needs the truth. -#}
{%- set of_visits = 'counted_visits' -%}
{%- set of_vehicles = 'counted_vehicles' -%}
{%- set machines = 'машины клиентов, вся история' -%}
{%- set checks = [
    [of_visits, 'volume_above_tank', 'Заправок больше объёма бака', 'визиты с известной машиной', false],
    [of_visits, 'amount_not_volume_times_price', 'Чеков, где сумма не равна литры × цена', 'все визиты', false],
    [of_visits, 'visit_before_registration', 'Визитов до регистрации клиента', 'опознанные визиты', false],
    [of_visits, 'visit_after_leaving', 'Визитов после ухода клиента', 'опознанные визиты', true],
    [of_visits, 'price_outside_series', 'Чеков с ценой не из ряда цен региона', 'все визиты за топливом', false],
    [of_visits, 'volume_or_amount_not_positive', 'Чеков с неположительными литрами или суммой', 'все визиты', false],
    [of_vehicles, 'fuel_balance_open', 'Машин, у которых не сходится баланс топлива', machines, true],
    [of_vehicles, 'tank_level_impossible', 'Машин с уровнем топлива ниже дна или выше края бака', machines, true],
    [of_vehicles, 'receipts_above_fills', 'Машин, у которых чеки расходятся с залитым у нас', machines, true],
] -%}

with visits as (

    select * from {{ ref('int_visits') }}

),

vehicles as (

    select * from {{ ref('int_vehicles') }}

),

clients as (

    select * from {{ ref('int_clients') }}

),

portraits as (

    select * from {{ ref('truth_client_portraits') }}

),

vehicle_fuel as (

    select * from {{ ref('truth_vehicle_fuel') }}

),

fuel_prices as (

    select * from {{ ref('stg_twin__fuel_prices') }}

),

-- Every visit by fuel card is identified, unless a knob of the twin says otherwise.
knobs as (

    select
        count(*) filter (
            where (parameter_code = 'identification.fuel_card' and try_cast(value_text as double) < 1)
            or (parameter_code = 'knobs.dirty_share' and try_cast(value_text as double) > 0)
        ) = 0 as is_complete
    from {{ ref('raw_twin__parameters') }}

),

run as (

    select * from {{ ref('int_run') }}

),

detailed as (

    select
        visits.volume_l > vehicles.tank_volume_l as is_above_tank,
        -- Prices of own data are derived from amounts and litres, rounded to half a kopeck per litre.
        abs(visits.fuel_amount_rub - visits.volume_l * visits.price_rub_per_l)
        > 0.01 + 0.005 * if(run.is_synthetic, 0, visits.volume_l) as is_amount_wrong,
        cast(visits.occurred_at as date) < clients.registered_on as is_before_registration,
        cast(visits.occurred_at as date) >= portraits.left_on as is_after_leaving,
        visits.price_rub_per_l <> fuel_prices.price_rub_per_l as is_price_outside_series,
        -- A shop-only visit has no litres.
        visits.total_amount_rub <= 0 or (visits.fuel_grade is not null and visits.volume_l <= 0) as is_not_positive
    from visits
    cross join run
    left join vehicles
        on visits.vehicle_id = vehicles.vehicle_id
    left join clients
        on visits.client_id = clients.client_id
    left join portraits
        on visits.client_id = portraits.client_id
    left join fuel_prices
        on visits.region_code = fuel_prices.region_code
        and visits.fuel_grade = fuel_prices.fuel_grade
        and cast(visits.occurred_at as date) = fuel_prices.price_on

),

counted_visits as (

    select
        count(*) filter (where is_above_tank) as volume_above_tank,
        count(*) filter (where is_amount_wrong) as amount_not_volume_times_price,
        count(*) filter (where is_before_registration) as visit_before_registration,
        count(*) filter (where is_after_leaving) as visit_after_leaving,
        count(*) filter (where is_price_outside_series) as price_outside_series,
        count(*) filter (where is_not_positive) as volume_or_amount_not_positive
    from detailed

),

receipts as (

    select
        vehicle_id,
        cast(sum(volume_l) as double) as volume_l
    from visits
    where vehicle_id is not null
    group by vehicle_id

),

counted_vehicles as (

    select
        count(*) filter (
            where abs(
                vehicle_fuel.level_at_start_l + vehicle_fuel.filled_here_l + vehicle_fuel.filled_elsewhere_l
                - vehicle_fuel.burned_l - vehicle_fuel.level_at_end_l
            ) > 0.05
        ) as fuel_balance_open,
        count(*) filter (
            where vehicle_fuel.lowest_level_l < -0.005
            or vehicle_fuel.highest_level_l > vehicle_fuel.tank_volume_l + 0.005
        ) as tank_level_impossible,
        -- Some fills here are anonymous: receipts may total less, never more.
        count(*) filter (
            where receipts.volume_l > vehicle_fuel.filled_here_l + 0.01
            or (
                knobs.is_complete
                and clients.has_fuel_card
                and coalesce(receipts.volume_l, 0) < vehicle_fuel.filled_here_l - 0.01
            )
        ) as receipts_above_fills
    from vehicle_fuel
    cross join knobs
    inner join clients
        on vehicle_fuel.client_id = clients.client_id
    left join receipts
        on vehicle_fuel.vehicle_id = receipts.vehicle_id

),

final as (

    {%- for table, code, label, population, needs_truth in checks %}
    select
        '{{ code }}' as check_code,
        '{{ label }}' as label_ru,
        '{{ population }}' as population_ru,
        cast({{ code }} as double) as value,
        {{ needs_truth }} as needs_truth
    from {{ table }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
