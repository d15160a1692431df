select
    point_number,
    point_label_ru,
    max(case when series_code = 'ai92' then value end) as ai92,
    max(case when series_code = 'ai95' then value end) as ai95,
    max(case when series_code = 'ai95_eco' then value end) as ai95_eco,
    max(case when series_code = 'ai98' then value end) as ai98,
    max(case when series_code = 'ai100' then value end) as ai100,
    max(case when series_code = 'diesel' then value end) as diesel,
    max(case when series_code = 'lpg' then value end) as lpg
from ${twin_curves}
where curve_code = 'price'
group by point_number, point_label_ru
order by point_number
