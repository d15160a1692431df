-- The coefficients from which the page computes its plans; the plans themselves stay in the warehouse.
select distinct
    feature_code,
    portrait_code,
    power_prob,
    normal_factor,
    randomization_unit,
    horizon_weeks,
    clients_available_count,
    units_available_count,
    baseline_value,
    unit_size,
    fixed_variance_ratio,
    weekly_variance_ratio,
    cluster_variance_ratio,
    level_square_ratio,
    response_share
from marts.mart_ab_planner
order by feature_code, portrait_code, power_prob
