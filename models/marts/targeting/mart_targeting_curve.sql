select
    feature_code,
    policy_code,
    targeted_share,
    targeted_count,
    profit_rub_per_month,
    profit_rub_per_month_low,
    profit_rub_per_month_high,
    is_recommended
from {{ ref('targeting_curves') }}
