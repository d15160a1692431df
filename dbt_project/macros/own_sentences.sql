{# Russian sentences that several quarantine tables share. The others are in models/staging/own/quarantine_*.sql. #}

{% macro quoted_ru(text) -%}
    coalesce('«' || {{ text }} || '»', '(пусто)')
{%- endmacro %}

{% macro malformed_row_ru() -%}
    'В строке больше или меньше полей, чем в заголовке'
{%- endmacro %}

{% macro duplicate_id_ru(column, text) -%}
    '{{ column }} «' || {{ text }} || '» уже есть в строке ' || first_row_number
{%- endmacro %}

{% macro unknown_client_ru() -%}
    'Клиента «' || source_client_id || '» нет в файле клиентов или его строка в карантине'
{%- endmacro %}

{% macro unknown_code_ru(column, text, codes) -%}
    '{{ column }} «' || {{ text }} || '»: допустимо {{ codes | join(", ") }}'
{%- endmacro %}

{% macro bad_flag_ru() -%}
    bad_column || ' ' || {{ quoted_ru('bad_text') }} || ': допустимо true, false, 1, 0, да, нет'
{%- endmacro %}

{% macro bad_date_ru(column, text) -%}
    '{{ column }} ' || {{ quoted_ru(text) }} || ' — не дата; допустимо 2025-03-31 или 31.03.2025'
{%- endmacro %}
