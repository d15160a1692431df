-- With an experiment, the arms of a feature add up to its eligible clients, and its portraits to the feature. A feature
-- without eligible clients has no portraits.
with features as (

    select * from {{ ref('mart_feature_metrics') }}
    where basis_code = 'experiment'

),

portraits as (

    select
        feature_code,
        sum(eligible_count) as eligible_count,
        sum(treated_count) as treated_count,
        sum(control_count) as control_count
    from {{ ref('mart_feature_portrait_metrics') }}
    group by feature_code

)

select features.feature_code
from features
left join portraits
    on features.feature_code = portraits.feature_code
where
    features.eligible_count <> features.treated_count + features.control_count
    or features.eligible_count <> coalesce(portraits.eligible_count, 0)
    or features.treated_count <> coalesce(portraits.treated_count, 0)
    or features.control_count <> coalesce(portraits.control_count, 0)
