{{ config(materialized='table') }}

-- Null, or a missing setting, means no limit.
select
    cast(json -> 'offers' ->> 'budget_rub_per_month' as double) as budget_rub_per_month,
    cast(cast(json -> 'offers' ->> 'contacts_limit' as double) as bigint) as contacts_limit
from {{ source('reference', 'feature_hypotheses') }}
