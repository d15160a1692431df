select
    series_code,
    list_extract(['Пн', 'Вт', 'Ср', 'Чт', 'Пт', 'Сб', 'Вс'], cast(floor(point_number / 24) as integer) + 1) as weekday,
    cast(point_number % 24 as integer) as hour_number,
    value,
    point_label_ru || ': ' || replace(cast(round(100 * value, 2) as varchar), '.', ',') || ' % визитов' as note
from ${twin_curves}
where curve_code = 'weekday_hour'
order by series_code, point_number
