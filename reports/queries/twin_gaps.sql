select
    point_number,
    point_label_ru,
    point_label_ru || ' дн.' as note,
    max(case when series_code = 'private_all' then value end) as private_all,
    max(case when series_code = 'private_here' then value end) as private_here,
    max(case when series_code = 'private_random' then value end) as private_random,
    max(case when series_code = 'corporate_all' then value end) as corporate_all,
    max(case when series_code = 'corporate_here' then value end) as corporate_here,
    max(case when series_code = 'corporate_random' then value end) as corporate_random
from ${twin_curves}
where curve_code = 'gap'
group by point_number, point_label_ru
order by point_number
