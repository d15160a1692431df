{{ config(materialized='table') }}

{%- set types = client_types() %}
{%- set grades = fuel_grades() %}

with clients as (

    select * from {{ ref('stg_own__clients_parsed') }}

),

findings as (

    select
        *,
        {{ first_fault(own_flags('clients'), '{name} is null') }} as bad_flag,
        {{ first_fault(own_numbers('clients'), 'coalesce({name} <= 0 or {name} > 1000000, true)') }} as bad_number
    from clients

),

judged as (

    select
        *,
        case
            when is_malformed then 'malformed_row'
            when source_client_id is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when client_type not in (
                '{{ types | join("', '") }}'
            ) then 'unknown_client_type'
            when registered_on_text is not null and coalesce(year(registered_on) not between 1950 and 2099, true)
                then 'bad_date'
            when bad_flag is not null then 'bad_flag'
            when main_fuel_grade not in (
                '{{ grades | join("', '") }}'
            ) then 'unknown_grade'
            when bad_number is not null then 'bad_number'
        end as reason_code,
        -- In the order of the reasons above.
        coalesce(bad_flag, bad_number) as fault
    from findings

),

final as (

    select
        client_id,
        source_client_id,
        client_type,
        region_code,
        main_fuel_grade,
        currency_code,
        registered_on,
        tank_volume_l,
        cast(vehicles_count as bigint) as vehicles_count,
        rub_per_unit,
        has_loyalty_card,
        has_fuel_card,
        has_contract,
        has_marketing_consent,
        source_file,
        source_row_number,
        source_columns,
        reason_code,
        judged.fault.name as bad_column,
        judged.fault.text as bad_text,
        {{ of_rejected(['registered_on_text', 'first_row_number']) }}
    from judged

)

select * from final
