-- The site computes plans from the coefficients: at the settings of the table it must reproduce the table.

with coefficients as (

    select distinct
        feature_code,
        portrait_code,
        power_prob,
        normal_factor,
        clients_available_count,
        units_available_count,
        unit_size,
        fixed_variance_ratio,
        weekly_variance_ratio,
        cluster_variance_ratio,
        level_square_ratio,
        response_share
    from {{ ref('mart_ab_planner') }}

),

settings as (

    select distinct
        feature_code,
        effect_ratio,
        control_share,
        horizon_weeks as trial_weeks,
        true as has_portraits
    from {{ ref('mart_ab_planner') }}

),

computed as (

    select
        *,
        count(*) over () as plans_count
    from ({{ ab_plan_results('coefficients', 'settings') }})

)

select
    plans.*,
    computed.clients_needed_count as computed_clients_count,
    computed.weeks_needed as computed_weeks,
    computed.min_effect_ratio as computed_effect_ratio
from {{ ref('mart_ab_planner') }} as plans
left join computed
    on plans.feature_code = computed.feature_code
    and plans.portrait_code is not distinct from computed.portrait_code
    and plans.power_prob = computed.power_prob
    and plans.effect_ratio = computed.effect_ratio
    and plans.control_share = computed.control_share
where
    -- Coefficients that varied with the settings would give several rows, and several plans for each.
    computed.plans_count <> (select count(*) from {{ ref('mart_ab_planner') }})
    or (plans.clients_needed_count is null) <> (computed.clients_needed_count is null)
    or (plans.min_effect_ratio is null) <> (computed.min_effect_ratio is null)
    or (plans.reason_code in ('no_variance', 'nobody_eligible'))
    <> (computed.reason_code in ('no_variance', 'nobody_eligible'))
    -- The table uses whole units and the t distribution instead of the normal.
    or abs(plans.clients_needed_count - computed.clients_needed_count) > 2 * plans.unit_size
    -- Clients, weeks and effect must agree on whether the trial is possible, in the table and in the formula.
    or (plans.clients_needed_count <= plans.clients_available_count)
    <> coalesce(plans.weeks_needed <= plans.horizon_weeks, false)
    or (plans.clients_needed_count <= plans.clients_available_count)
    <> coalesce(plans.min_effect_ratio <= plans.effect_ratio, false)
    or (computed.clients_needed_count <= plans.clients_available_count)
    <> coalesce(computed.weeks_needed <= plans.horizon_weeks, false)
    or (computed.clients_needed_count <= plans.clients_available_count)
    <> coalesce(computed.min_effect_ratio <= plans.effect_ratio, false)
