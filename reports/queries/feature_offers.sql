-- Clients whose best personal offer is the feature, by portrait and in total.
select
    offers.feature_code,
    offers.portrait_code,
    offers.portrait_code is null as is_total,
    features.label_ru as feature,
    coalesce(portraits.label_ru, 'Все вместе') as portrait,
    '/features/' || offers.feature_code || '/' as feature_href,
    '/portraits/' || offers.portrait_code || '/' as portrait_href,
    offers.clients_count,
    offers.predicted_profit_rub_per_month,
    offers.profit_rub_per_month,
    offers.profit_rub_per_month_low,
    offers.profit_rub_per_month_high
from warehouse.mart_offers as offers
inner join warehouse.dim_features as features on offers.feature_code = features.feature_code
left join warehouse.dim_portraits as portraits on offers.portrait_code = portraits.portrait_code
