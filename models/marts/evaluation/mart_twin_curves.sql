select
    curve_code,
    curve_label_ru,
    series_code,
    series_label_ru,
    point_number,
    point_label_ru,
    unit_ru,
    source,
    cast(value as double) as value,
    cast(value_low as double) as value_low,
    cast(value_high as double) as value_high,
    cast(published_value as double) as published_value,
    is_here,
    point_at
from {{ ref('twin_curves') }}
