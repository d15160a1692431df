select
    feature_code,
    week_number,
    interest_share,
    fitted_share,
    ramp_weeks,
    half_life_weeks,
    half_life_weeks_low,
    half_life_weeks_high
from {{ ref('interest_curves') }}
