-- A page computes other effects and weeks from the coefficients: there it must find what the table tells.

with plans as (

    select
        *,
        normal_factor * (
            (fixed_variance_ratio + weekly_variance_ratio / horizon_weeks + cluster_variance_ratio)
            * (1 + 2 * control_share * effect_ratio)
            + control_share * effect_ratio * effect_ratio
            * (level_square_ratio / greatest(response_share, effect_ratio) - 1)
        ) / (control_share * (1 - control_share) * effect_ratio * effect_ratio)
        + unit_size * 1.96 * 1.96 / 2 as by_formula,
        unit_size * ceil(10 / least(control_share, 1 - control_share)) as least_clients
    from {{ ref('mart_ab_planner') }}
    where clients_needed_count is not null

)

select *
from plans
where
    -- Whole units there, t instead of normal.
    abs(clients_needed_count - greatest(by_formula, least_clients)) > 2 * unit_size
    -- One question asked in three ways.
    or (clients_needed_count <= clients_available_count) <> coalesce(weeks_needed <= horizon_weeks, false)
    or (clients_needed_count <= clients_available_count) <> coalesce(min_effect_ratio <= effect_ratio, false)
