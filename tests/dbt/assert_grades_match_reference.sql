-- Columns such as ai95_share are made from a macro; the grades of the twin must be the same.
select grade_code
from {{ ref('stg_reference__grades') }}
where
    grade_code not in (
        {%- for grade in fuel_grades() %}
        '{{ grade }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
