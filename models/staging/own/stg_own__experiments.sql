select
    client_id,
    feature_code,
    is_treated,
    started_on,
    has_responded,
    cost_rub,
    group_id
from {{ ref('stg_own__experiments_judged') }}
where reason_code is null
