select
    *,
    case
        when is_passed is null then 'не измерено'
        when is_passed then 'да'
        else 'нет'
    end as passed,
    not is_passed as is_missed,
    case when is_input then 'да' end as input,
    case when is_proxy then 'да' end as proxy,
    case unit_ru when '₽' then '#,##0' when '₽/л' then '0.00' when 'доля' then '0.0%' else '0.000' end as fmt
from warehouse.mart_twin_quality
where kind = 'calibration'
order by is_passed nulls last, label_ru
