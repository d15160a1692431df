{# Codes used as parts of column names. A test checks that the grades match data/reference/twin.json. #}

{% macro fuel_grades() %}
    {{ return(['ai92', 'ai95', 'ai95_eco', 'ai98', 'ai100', 'diesel', 'lpg']) }}
{% endmacro %}

{% macro payment_methods() %}
    {{ return(['cash', 'card', 'app', 'fuel_card']) }}
{% endmacro %}

{% macro shop_categories() %}
    {{ return(['coffee', 'meal', 'snack', 'drink', 'goods', 'wash', 'other']) }}
{% endmacro %}

{% macro client_types() %}
    {{ return(['private', 'corporate']) }}
{% endmacro %}

{# Hours of the day: [code, first hour, last hour]; night is the rest. #}
{% macro dayparts() %}
    {{ return([['morning', 6, 9], ['day', 10, 15], ['evening', 16, 21]]) }}
{% endmacro %}

{# Code of the largest column, the first one on a tie; null when all are 0 or null. #}
{% macro largest(codes, suffix) %}
    case
        when greatest({% for code in codes %}coalesce({{ code }}{{ suffix }}, 0){{ ', ' if not loop.last }}{% endfor %}) = 0 then null
        {%- for code in codes %}
        when {{ code }}{{ suffix }} = greatest({% for other in codes %}coalesce({{ other }}{{ suffix }}, 0){{ ', ' if not loop.last }}{% endfor %}) then '{{ code }}'
        {%- endfor %}
    end
{% endmacro %}
