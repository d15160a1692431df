-- The contract in yml fixes the columns, so the results are selected with *.

select *
from {{ ref('feature_results') }}
where portrait_code is not null
