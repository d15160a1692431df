select
    kind,
    code,
    label_ru,
    description_ru,
    format,
    row_number() over () as sort_order
from {{ ref('evaluation_labels') }}
