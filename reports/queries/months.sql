select
    month_start_on,
    bool_and(is_full_month) as is_full_month,
    sum(visits_count) as visits,
    sum(volume_l) as volume_l,
    sum(revenue_rub) as revenue_rub,
    sum(shop_revenue_rub) as shop_revenue_rub,
    sum(margin_rub) as margin_rub,
    sum(active_clients_count) as active_clients,
    sum(identified_visits_count) / sum(visits_count) as identified_share
from warehouse.mart_kpi_monthly
group by month_start_on
order by month_start_on
