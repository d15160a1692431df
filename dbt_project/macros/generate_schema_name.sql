{# Schema names without the target prefix: marts, truth and quarantine are the product's API. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
