{# Values from texts of own files; null when unreadable. #}

{% macro text_flag(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', 'да') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', 'нет') then false
    end
{%- endmacro %}

{# Accepts spaces between thousands and a decimal comma. #}
{% macro text_number(text) -%}
    cast(
        try_cast(replace(regexp_replace({{ text }}, '[\s\x{00A0}\x{202F}]', '', 'g'), ',', '.') as decimal(18, 4))
        as double
    )
{%- endmacro %}

{% macro text_date(text) -%}
    cast(try_strptime({{ text }}, ['%Y-%m-%d', '%d.%m.%Y', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f']) as date)
{%- endmacro %}

{% macro text_time(text) -%}
    try_strptime({{ text }}, [
        '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%d', '%Y-%m-%d %H:%M:%S.%f',
        '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S.%f',
        '%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y'
    ])
{%- endmacro %}

{# Columns of each table that text_flag and text_number read, in the order of the checks. #}
{% macro own_flags(table) %}
    {{ return({
        'clients': ['has_loyalty_card', 'has_fuel_card', 'has_contract', 'has_marketing_consent'],
        'stations': ['has_cafe', 'has_wash'],
        'experiments': ['is_treated', 'has_responded'],
    }[table]) }}
{% endmacro %}

{% macro own_numbers(table) %}
    {{ return({
        'clients': ['tank_volume_l', 'vehicles_count'],
        'transactions': [
            'volume_l', 'price_rub_per_l', 'fuel_amount_rub', 'shop_amount_rub', 'total_amount_rub', 'quantity', 'amount'
        ],
        'experiments': ['cost_rub'],
    }[table]) }}
{% endmacro %}

{# Name and text of the first non-empty column that meets a condition on {name}; null without one. #}
{% macro first_fault(names, condition) -%}
    coalesce(
        {%- for name in names %}
        case
            when {{ name }}_text is not null and ({{ condition | replace('{name}', name) }})
                then { 'name': '{{ name }}', 'text': {{ name }}_text }
        end{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# Columns that only the sentence of a rejected row needs: null in accepted rows, so that they take no space. #}
{% macro of_rejected(names) -%}
    {%- for name in names %}
    case when reason_code is not null then {{ name }} end as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
