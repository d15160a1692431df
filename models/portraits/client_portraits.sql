with scores as (

    select * from {{ ref('client_portrait_scores') }}

),

ranked as (

    select
        *,
        -- Of equal probabilities the first by name.
        row_number() over (partition by client_id order by score_prob desc, portrait_code) as rank_number
    from scores

),

best as (

    select
        client_id,
        any_value(portrait_code) filter (where rank_number = 1) as portrait_code,
        any_value(score_prob) filter (where rank_number = 1) as confidence_prob,
        any_value(portrait_code) filter (where rank_number = 2) as second_portrait_code,
        any_value(score_prob) filter (where rank_number = 2) as second_prob,
        any_value(score_prob) filter (where portrait_code = 'undefined') as undefined_prob,
        any_value(cluster_id) as cluster_id
    from ranked
    group by client_id

),

-- The best of many unlikely portraits would be a guess: such a client is undefined, and the guess its runner-up.
decided as (

    select
        *,
        portrait_code = 'undefined' as is_undefined,
        confidence_prob < {{ var('min_confidence') }} as is_guess
    from best

),

final as (

    select
        client_id,
        case when is_guess then 'undefined' else portrait_code end as portrait_code,
        case when is_guess then undefined_prob else confidence_prob end as confidence_prob,
        case when is_guess and not is_undefined then portrait_code else second_portrait_code end
            as second_portrait_code,
        case when is_guess and not is_undefined then confidence_prob else second_prob end as second_prob,
        -- The portrait that the reasons speak of; null when nothing at all is known of the client.
        case
            when not is_undefined then portrait_code
            when second_prob > 0 then second_portrait_code
        end as likeliest_portrait_code,
        cluster_id
    from decided

)

select * from final
