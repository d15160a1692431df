{{ config(materialized='view') }}

select
    client_id,
    portrait_code,
    criterion_code,
    metric_code,
    value,
    is_matched,
    contribution
from {{ ref('client_portrait_reasons') }}
