select
    station_id,
    region_code,
    label_ru,
    has_cafe,
    has_wash
from {{ ref('int_stations') }}
