{# How sure a measured figure is: by leaving out one group of clients after another. #}

{# Groups that clients are split into, whatever their number. #}
{% macro error_groups() %}
    {{ return(20) }}
{% endmacro %}

{# Standard error of a figure by the delete-a-group jackknife, from how far each figure without one group is from the
   whole one. Unlike the spread of the groups' own figures it holds for ratios and for small groups. Null with one group. #}
{% macro jackknife_error(deviation, group_number) -%}
    sqrt(
        greatest(
            sum({{ deviation }} * {{ deviation }} order by {{ group_number }})
            - pow(sum({{ deviation }} order by {{ group_number }}), 2) / count({{ deviation }}),
            0
        ) * (count({{ deviation }}) - 1) / nullif(count({{ deviation }}), 0)
    )
{%- endmacro %}
