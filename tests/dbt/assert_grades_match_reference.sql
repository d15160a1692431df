-- Columns such as ai95_share come from a macro, whose grades must match those of the twin.
select grade_code
from {{ ref('stg_reference__grades') }}
where
    grade_code not in (
        {%- for grade in fuel_grades() %}
        '{{ grade }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
