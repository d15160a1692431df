select
    station_id,
    region_code,
    label_ru,
    has_cafe,
    has_wash
from {{ ref('stg_twin__stations') }}
union all
select
    station_id,
    region_code,
    label_ru,
    has_cafe,
    has_wash
from {{ ref('stg_own__stations') }}
