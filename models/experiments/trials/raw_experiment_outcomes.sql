{{ config(schema='raw') }}

{%- set outcomes = [
    'visits_count', 'home_visits_count', 'volume_l', 'shop_amount_rub', 'revenue_rub', 'margin_rub', 'weekly_visits'
] %}
{%- set only_offered = ['cost_rub', 'served_visits_count', 'served_volume_l'] %}

-- The only opening in the wall: of both potential outcomes each client reveals that of its arm.

with arms as (

    select * from {{ ref('experiment_arms') }}
    where is_treated is not null

),

potential_outcomes as (

    select * from {{ ref('truth_potential_outcomes') }}

),

final as (

    select
        arms.client_id,
        arms.feature_code,
        arms.is_treated,
        arms.group_id,
        arms.is_treated and potential_outcomes.has_responded_with as has_responded,
        {%- for outcome in outcomes %}
        case
            when arms.is_treated then potential_outcomes.{{ outcome }}_with
            else potential_outcomes.{{ outcome }}_without
        end as {{ outcome }},
        {%- endfor %}
        {%- for outcome in only_offered %}
        case when arms.is_treated then potential_outcomes.{{ outcome }}_with else 0 end as {{ outcome }},
        {%- endfor %}
        case when arms.is_treated then potential_outcomes.weekly_responses_with end as weekly_responses
    from arms
    inner join potential_outcomes
        on arms.client_id = potential_outcomes.client_id
        and arms.feature_code = potential_outcomes.feature_code

)

select * from final
