-- The columns are those of the enforced contract; both marts of results take them as they come.

select *
from {{ ref('feature_results') }}
where portrait_code is not null
