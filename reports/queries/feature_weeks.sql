select
    feature_code,
    week_number,
    'неделя ' || cast(week_number as integer) as week,
    sum(responded_count) / sum(treated_count) as interest_share,
    sum(visits_per_client_treated * treated_count) / sum(treated_count) as visits_treated,
    sum(visits_per_client_control * treated_count)
    / sum(treated_count) filter (where visits_per_client_control is not null) as visits_control
from warehouse.mart_interest_dynamics
where treated_count > 0
group by feature_code, week_number
