select
    point_number,
    point_label_ru,
    max(case when series_code = 'private' then value end) as private_share,
    max(case when series_code = 'corporate' then value end) as corporate_share,
    max(published_value) as published_value
from ${twin_curves}
where curve_code = 'hour'
group by point_number, point_label_ru
order by point_number
