select
    client_id,
    portrait_code,
    confidence_prob,
    second_portrait_code,
    cast(cluster_id as bigint) as cluster_id
from {{ ref('client_portraits') }}
