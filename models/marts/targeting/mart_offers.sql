select
    feature_code,
    portrait_code,
    clients_count,
    predicted_profit_rub_per_month,
    predicted_cost_rub_per_month,
    fixed_cost_rub_per_month,
    profit_rub_per_month,
    profit_rub_per_month_low,
    profit_rub_per_month_high
from {{ ref('offer_values') }}
