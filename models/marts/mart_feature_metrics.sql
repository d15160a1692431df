-- The columns are those of the enforced contract; both marts of results take them as they come.

select * exclude (portrait_code)
from {{ ref('feature_results') }}
where portrait_code is null
