{{ config(materialized='view') }}

select
    client_id,
    portrait_code,
    score_prob
from {{ ref('client_portrait_scores') }}
