-- What the page of plans shows; the parts of the formula stay in the warehouse.
select
    feature_code,
    portrait_code,
    effect_ratio,
    power_prob,
    control_share,
    reason_code,
    randomization_unit,
    horizon_weeks,
    clients_available_count,
    units_available_count,
    clients_needed_count,
    weeks_needed,
    min_effect_ratio
from marts.mart_ab_planner
