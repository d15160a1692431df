select
    feature_code,
    week_number,
    treated_count,
    control_count,
    visits_per_client_control,
    visits_per_client_effect,
    visits_per_client_effect_low,
    visits_per_client_effect_high,
    effect_ratio,
    effect_ratio_low,
    effect_ratio_high
from {{ ref('effect_dynamics') }}
