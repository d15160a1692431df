with reactions as (

    select * from {{ ref('client_reactions') }}

),

targets as (

    select * from {{ ref('client_targets') }}

),

-- Estimates for the client itself where the trial is large enough, otherwise those of its portrait.
final as (

    select
        reactions.client_id,
        reactions.feature_code,
        reactions.portrait_code,
        reactions.is_eligible,
        reactions.is_treated,
        reactions.has_responded,
        coalesce(targets.response_prob, reactions.response_prob) as response_prob,
        coalesce(targets.uplift_margin_rub_per_month, reactions.uplift_margin_rub_per_month)
            as uplift_margin_rub_per_month,
        targets.cost_rub_per_month,
        targets.is_recommended,
        targets.client_id is not null as is_own_estimate
    from reactions
    left join targets
        on reactions.client_id = targets.client_id
        and reactions.feature_code = targets.feature_code

)

select * from final
