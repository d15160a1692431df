-- The probabilities of a client's portraits are a distribution.
select
    client_id,
    sum(score_prob) as total_prob
from {{ ref('fct_client_portrait_scores') }}
group by client_id
having abs(sum(score_prob) - 1) > 1e-9
