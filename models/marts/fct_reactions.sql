select
    client_id,
    feature_code,
    portrait_code,
    is_eligible,
    is_treated,
    has_responded,
    response_prob,
    uplift_margin_rub_per_month
from {{ ref('client_reactions') }}
