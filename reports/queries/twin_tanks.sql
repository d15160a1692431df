select
    series_code,
    series_label_ru,
    point_label_ru,
    value,
    date_part('day', point_at) + date_part('hour', point_at) / 24.0 as day_of_month,
    case when is_here then value end as filled_here,
    case when not is_here then value end as filled_elsewhere
from ${twin_curves}
where curve_code = 'tank_level'
order by series_code, point_number
