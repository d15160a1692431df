select
    feature_code,
    label_ru,
    description_ru,
    hypothesis_ru,
    primary_metric_code,
    randomization_unit,
    treated_share,
    aimed_portraits,
    cost_rub_per_visit,
    cost_rub_per_l,
    cost_rub_per_client_per_month,
    cost_rub_per_month
from {{ ref('stg_reference__features') }}
