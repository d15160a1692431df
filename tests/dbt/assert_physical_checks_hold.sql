-- What must hold of any data fails any build; calibration is shown, not enforced (knobs and own data may leave it).
select
    check_code,
    value,
    target_low,
    target_high
from {{ ref('mart_twin_quality') }}
where kind = 'physical' and is_passed is false
