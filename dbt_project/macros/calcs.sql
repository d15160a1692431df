{# Formulas used more than once. #}

{# Roubles from whole kopecks, exactly. #}
{% macro roubles(kopecks) -%}
    cast({{ kopecks }} * 0.01 as decimal(14, 2))
{%- endmacro %}

{# A ratio that is null, not an error or infinity, when there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# Sums and means of decimals are exact, so they do not depend on the order in which threads add up; doubles do. #}
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

{# A stable number for an identifier of own data: a canonical number below 2^52 stays itself, any other text is folded
   into 2^52 … 2^53, which JavaScript and Excel still hold exactly. md5 and not hash(): it is the same in all versions. #}
{% macro id_number(text) -%}
    case
        when regexp_full_match({{ text }}, '0|[1-9][0-9]{0,14}') then cast({{ text }} as bigint)
        else cast(4503599627370496 + (md5_number_lower({{ text }}) % 4503599627370496) as bigint)
    end
{%- endmacro %}

{# First day of the window of the client metrics that ends on a day. #}
{% macro window_start(last_day) -%}
    cast({{ last_day }} - to_days({{ var('window_days') | int - 1 }}) as date)
{%- endmacro %}
