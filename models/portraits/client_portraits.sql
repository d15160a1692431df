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

final as (

    select
        client_id,
        any_value(portrait_code) filter (where rank_number = 1) as portrait_code,
        any_value(score_prob) filter (where rank_number = 1) as confidence_prob,
        any_value(portrait_code) filter (where rank_number = 2) as second_portrait_code,
        any_value(cluster_id) filter (where rank_number = 1) as cluster_id
    from ranked
    where rank_number <= 2
    group by client_id

)

select * from final
