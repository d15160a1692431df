{{ config(materialized='table') }}

{%- set flags = ['has_loyalty_card', 'has_fuel_card', 'has_contract', 'has_marketing_consent'] %}
{%- set numbers = ['tank_volume_l', 'vehicles_count'] %}

with clients as (

    select * from {{ ref('raw_own__clients') }}

),

typed as (

    select
        {{ id_number('client_id') }} as client_id,
        client_id as source_client_id,
        lower(client_type) as client_type,
        region_code,
        lower(main_fuel_grade) as main_fuel_grade,
        currency_code,
        registered_on as registered_on_text,
        source_file,
        source_row_number,
        source_columns,
        is_malformed,
        {{ text_date('registered_on') }} as registered_on,
        {%- for name in numbers %}
        {{ name }} as {{ name }}_text,
        {{ text_number(name) }} as {{ name }},
        {%- endfor %}
        {%- for name in flags %}
        {{ name }} as {{ name }}_text,
        {{ text_flag(name) }} as {{ name }},
        {%- endfor %}
        cast(rub_per_unit as double) as rub_per_unit,
        min(source_row_number) over (partition by client_id) as first_row_number
    from clients

),

findings as (

    select
        *,
        coalesce(
            {%- for name in flags %}
            case when {{ name }} is null then '{{ name }} «' || {{ name }}_text || '»' end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as bad_flag,
        coalesce(
            {%- for name in numbers %}
            case
                when coalesce({{ name }} <= 0 or {{ name }} > 1000000, true)
                    then '{{ name }} «' || {{ name }}_text || '»'
            end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as bad_number
    from typed

),

judged as (

    select
        *,
        case
            when is_malformed then 'malformed_row'
            when source_client_id is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when client_type not in ('private', 'corporate') then 'unknown_client_type'
            when registered_on_text is not null and coalesce(year(registered_on) not between 1950 and 2099, true)
                then 'bad_date'
            when bad_flag is not null then 'bad_flag'
            when main_fuel_grade not in (
                '{{ fuel_grades() | join("', '") }}'
            ) then 'unknown_grade'
            when bad_number is not null then 'bad_number'
        end as reason_code
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
        case reason_code
            when 'malformed_row' then 'В строке больше или меньше полей, чем в заголовке'
            when 'missing_id' then 'Нет client_id'
            when 'duplicate_id'
                then 'client_id «' || source_client_id || '» уже есть в строке ' || first_row_number
            when 'unknown_client_type'
                then 'client_type «' || client_type || '»: допустимо private, corporate'
            when 'bad_date'
                then 'registered_on «' || registered_on_text || '» — не дата; допустимо 2025-03-31 или 31.03.2025'
            when 'bad_flag' then bad_flag || ': допустимо true, false, 1, 0, да, нет'
            when 'unknown_grade'
                then 'main_fuel_grade «' || main_fuel_grade || '»: допустимо '
                    || '{{ fuel_grades() | join(", ") }}'
            when 'bad_number' then bad_number || ': нужно число больше 0 и не больше 1 000 000'
        end as reason_ru
    from judged

)

select * from final
