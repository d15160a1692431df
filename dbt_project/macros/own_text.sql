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
