-- A violation of what must hold for any data fails every build.
select
    check_code,
    value,
    target_low,
    target_high
from {{ ref('mart_twin_quality') }}
where kind = 'physical' and is_passed is false
