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
        any_value(score_prob) filter (where portrait_code = 'undefined') as undefined_prob,
        any_value(cluster_id) as cluster_id
    from ranked
    group by client_id

),

-- The best of many unlikely portraits would be a guess: such a client is undefined, and the guess its runner-up.
final as (

    select
        client_id,
        case when confidence_prob >= {{ var('min_confidence') }} then portrait_code else 'undefined' end
            as portrait_code,
        case when confidence_prob >= {{ var('min_confidence') }} then confidence_prob else undefined_prob end
            as confidence_prob,
        case
            when confidence_prob >= {{ var('min_confidence') }} or portrait_code = 'undefined'
                then second_portrait_code
            else portrait_code
        end as second_portrait_code,
        cluster_id
    from best

)

select * from final
