select
    client_id,
    feature_code,
    response_prob,
    uplift_visits_per_month,
    uplift_volume_l_per_month,
    uplift_margin_rub_per_month
from {{ ref('truth_potential_outcomes') }}
