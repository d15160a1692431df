{# A view stores the names it was created with. Without the database name it still works after the file is renamed,
   copied, or attached under another name. #}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {{ return(relation.include(database=false)) }}
{%- endmacro %}
