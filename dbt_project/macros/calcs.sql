{# Shared formulas. #}

{# Exact roubles from whole kopecks. #}
{% macro roubles(kopecks) -%}
    cast({{ kopecks }} * 0.01 as decimal(14, 2))
{%- endmacro %}

{# A ratio that is null, not an error or infinity, when the denominator is 0. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# Sums and means of decimals are exact and so, unlike those of doubles, do not depend on the order of threads. #}
{% macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(28, 6))) as double)
{%- endmacro %}

{% macro exact_avg(expression) -%}
    avg(cast({{ expression }} as decimal(28, 8)))
{%- endmacro %}

{# Sample standard deviation from exact sums; null with fewer than two values. #}
{% macro exact_stddev(expression) -%}
    sqrt(greatest(
        cast(sum(cast({{ expression }} * {{ expression }} as decimal(38, 8))) as double)
        - count({{ expression }}) * {{ exact_avg(expression) }} * {{ exact_avg(expression) }},
        0
    ) / nullif(count({{ expression }}) - 1, 0))
{%- endmacro %}

{# Stable number for an identifier of own data: a canonical number of up to 15 digits is kept, any other text is hashed
   into 2^52 … 2^53, which JavaScript and Excel represent exactly. md5, because hash() may change between versions. #}
{% macro id_number(text) -%}
    case
        when regexp_full_match({{ text }}, '0|[1-9][0-9]{0,14}') then cast({{ text }} as bigint)
        else cast(4503599627370496 + (md5_number_lower({{ text }}) % 4503599627370496) as bigint)
    end
{%- endmacro %}

{# First day of the metrics window that ends on `last_day`. #}
{% macro window_start(last_day) -%}
    cast({{ last_day }} - to_days({{ var('window_days') | int - 1 }}) as date)
{%- endmacro %}
