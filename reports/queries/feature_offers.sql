-- Clients whose best personal offer is the feature: by portrait, and all of them together.
select
    offers.feature_code,
    offers.portrait_code is null as is_total,
    coalesce(portraits.label_ru, 'Все вместе') as portrait,
    '/portraits/' || offers.portrait_code || '/' as portrait_href,
    offers.clients_count,
    offers.predicted_profit_rub_per_month,
    offers.profit_rub_per_month,
    offers.profit_rub_per_month_low,
    offers.profit_rub_per_month_high
from warehouse.mart_offers as offers
left join warehouse.dim_portraits as portraits using (portrait_code)
where not offers.is_placeholder
