with portraits as (

    select * from {{ ref('client_portraits') }}

),

metrics as (

    select * from {{ ref('client_metrics') }}

),

final as (

    select
        portraits.client_id,
        portraits.portrait_code,
        portraits.confidence_prob,
        portraits.second_portrait_code,
        portraits.second_prob,
        metrics.visits_count > 0 as is_active,
        cast(portraits.cluster_id as bigint) as cluster_id
    from portraits
    inner join metrics
        on portraits.client_id = metrics.client_id

)

select * from final
