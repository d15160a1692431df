{{ config(materialized='view') }}

with outcomes as (

    select * from {{ ref('raw_experiment_outcomes') }}

),

pilots as (

    select * from {{ ref('pilot_outcomes') }}

),

profiles as (

    select * from {{ ref('client_profiles') }}

),

run as (

    select * from {{ ref('int_run') }}

),

final as (

    select
        outcomes.client_id,
        outcomes.feature_code,
        profiles.portrait_code,
        profiles.vehicles_count,
        outcomes.is_treated,
        outcomes.group_id,
        outcomes.has_responded,
        outcomes.visits_count,
        outcomes.volume_l,
        outcomes.revenue_rub,
        outcomes.shop_amount_rub,
        outcomes.margin_rub,
        outcomes.cost_rub,
        -- A client observed for less than the window has no full pre-period: unknown, not small.
        {%- for metric in ['visits', 'volume_l', 'spend_rub', 'margin_rub', 'shop_rub'] %}
        case
            when profiles.observed_days >= run.window_days then profiles.{{ metric }}_per_month
        end as pre_{{ metric | replace('spend_rub', 'revenue_rub') }}_per_month,
        {%- endfor %}
        outcomes.served_visits_count,
        outcomes.served_volume_l,
        outcomes.home_visits_count,
        outcomes.weekly_visits
    from outcomes
    inner join profiles
        on outcomes.client_id = profiles.client_id
    cross join run
    union all
    -- Unknown for the pilots of own data.
    select
        * exclude (started_on),
        null as served_visits_count,
        null as served_volume_l,
        null as home_visits_count,
        null as weekly_visits
    from pilots

)

select * from final
