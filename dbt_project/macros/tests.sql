{# The rules of a table in one query, because a node for each costs far more than its query. A table that breaks some
   fails with an error that names it and them, with counts: `marts.fct_client_offers breaks relationships client_id: 3`.
   Null breaks not_null alone.

   not_null         columns
   unique           columns, or lists of columns that are unique together (nulls are then equal): counts values
   between          column: [low, high], numbers or expressions over columns; NaN is never between
   accepted_values  column: list
   relationships    column: ref(…) with a column of the same name, or {to: ref(…), field: name} #}
{% test valid(model, not_null=[], unique=[], between={}, accepted_values={}, relationships={}) %}
{{ config(fail_calc='count(broken_rules)') }}

{%- set of_rows, of_tables = {}, {} -%}

{%- for column in not_null -%}
    {%- do of_rows.update({'not_null ' ~ column: column ~ ' is null'}) -%}
{%- endfor -%}
{%- for column, bounds in between.items() -%}
    {%- set is_outside = column ~ ' < ' ~ bounds[0] ~ ' or ' ~ column ~ ' > ' ~ bounds[1] ~ ' or isnan(' ~ column ~ ')' -%}
    {%- do of_rows.update({'between ' ~ column: is_outside}) -%}
{%- endfor -%}
{%- for column, values in accepted_values.items() -%}
    {%- do of_rows.update({'accepted_values ' ~ column: column ~ " not in ('" ~ values | join("', '") ~ "')"}) -%}
{%- endfor -%}

{%- for key in unique -%}
    {%- set columns = [key] if key is string else key -%}
    {%- set known = key ~ ' is not null' if key is string else 'true' -%}
    {%- set repeated -%}
        select 1 from {{ model }} where {{ known }} group by {{ columns | join(', ') }} having count(*) > 1
    {%- endset -%}
    {%- do of_tables.update({'unique ' ~ columns | join(', '): repeated}) -%}
{%- endfor -%}
{%- for column, parent in relationships.items() -%}
    {%- set parent = parent if 'to' in parent else {'to': parent, 'field': column} -%}
    {%- set orphans -%}
        select 1 from {{ model }}
        where
            {{ column }} is not null
            and {{ column }} not in (select {{ parent.field }} from {{ parent.to }} where {{ parent.field }} is not null)
    {%- endset -%}
    {%- do of_tables.update({'relationships ' ~ column: orphans}) -%}
{%- endfor -%}

with
{%- if of_rows %}
counted as (
    select
        {%- for condition in of_rows.values() %}
        count(*) filter (where {{ condition }}) as rule_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
),
{%- endif %}
rules as (
    {%- for rule in of_rows %}
    select '{{ rule }}' as rule, rule_{{ loop.index }} as broken_count from counted
    {{ 'union all' if not loop.last or of_tables }}
    {%- endfor %}
    {%- for rule, broken in of_tables.items() %}
    select '{{ rule }}' as rule, count(*) as broken_count from ({{ broken }}) as broken
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    error(
        '{{ model | replace('"', '') | replace("'", "''") }} breaks '
        || string_agg(rule || ': ' || broken_count, '; ' order by rule)
    ) as broken_rules
from rules
where broken_count > 0
having count(*) > 0
{% endtest %}
