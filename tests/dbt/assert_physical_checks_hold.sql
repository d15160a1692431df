-- What must hold of any data fails any build.
select
    check_code,
    value,
    target_low,
    target_high
from {{ ref('mart_twin_quality') }}
where kind = 'physical' and is_passed is false
