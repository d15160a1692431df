select
    client_id,
    feature_code,
    portrait_code,
    predicted_profit_rub_per_month,
    predicted_cost_rub_per_month,
    rank_number
from {{ ref('client_offers') }}
