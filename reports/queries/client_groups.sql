-- Codes of the source in Russian; an unknown code of own data is shown as is.
select
    clients.region_code,
    coalesce(
        regions.label_ru,
        case when clients.region_code = 'unknown' then 'Регион неизвестен' else clients.region_code end
    ) as region,
    clients.client_type,
    case clients.client_type
        when 'private' then 'Частные'
        when 'corporate' then 'Корпоративные'
        else clients.client_type
    end as client_type_label,
    coalesce(grades.label, clients.main_fuel_grade) as fuel_grade,
    clients.clients_count,
    clients.active_clients_count,
    clients.spend_rub_per_month
from warehouse.mart_clients_by_region as clients
left join warehouse.dim_regions as regions on clients.region_code = regions.region_code
left join ${code_labels} as grades on clients.main_fuel_grade = grades.code
