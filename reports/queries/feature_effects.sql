-- Effect of being offered the feature, by week.
select
    feature_code,
    week_number,
    'неделя ' || cast(week_number as integer) as week,
    visits_per_client_effect,
    visits_per_client_effect_low,
    visits_per_client_effect_high
from warehouse.mart_effect_dynamics
