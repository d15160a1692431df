{# Sampling error of a measured figure by the delete-a-group jackknife. #}

{# Number of groups into which clients are split. #}
{% macro error_groups() %}
    {{ return(20) }}
{% endmacro %}

{# Standard error from the deviations of the replicates (one group omitted) from the full figure. Unlike the spread of
   the groups' own figures, it is valid for ratios and small groups. Null with one group. #}
{% macro jackknife_error(deviation, group_number) -%}
    sqrt(
        greatest(
            sum({{ deviation }} * {{ deviation }} order by {{ group_number }})
            - pow(sum({{ deviation }} order by {{ group_number }}), 2) / count({{ deviation }}),
            0
        ) * (count({{ deviation }}) - 1) / nullif(count({{ deviation }}), 0)
    )
{%- endmacro %}
