select
    series_code,
    list_extract(['Пн', 'Вт', 'Ср', 'Чт', 'Пт', 'Сб', 'Вс'], floor(point_number / 24)::integer + 1) as weekday,
    (point_number % 24)::integer as hour_number,
    value,
    point_label_ru || ': ' || replace(round(100 * value, 2)::varchar, '.', ',') || ' % визитов' as note
from ${twin_curves}
where curve_code = 'weekday_hour'
order by series_code, point_number
