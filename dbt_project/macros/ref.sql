{# A view keeps the names that it was written with. Without the database in them it works wherever the file is: renamed,
   copied, or attached under another name. #}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {{ return(relation.include(database=false)) }}
{%- endmacro %}
