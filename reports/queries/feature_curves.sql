-- Weekly interest and the fitted curve.
select
    feature_code,
    week_number,
    'неделя ' || cast(week_number as integer) as week,
    interest_share,
    fitted_share,
    half_life_weeks,
    half_life_weeks_low,
    half_life_weeks_high
from warehouse.mart_interest_curves
