select
    metric_code,
    label_ru,
    coalesce(unit_ru, '') as unit_ru,
    format,
    is_heatmap,
    row_number() over () as sort_order
from {{ ref('metrics') }}
