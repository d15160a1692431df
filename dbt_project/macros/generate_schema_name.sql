{# Schemas are named as written, without a prefix of the target: marts, truth and quarantine are the product's API. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
