select
    measure_code,
    point_number,
    max(value) as value,
    {{ jackknife_error('deviation', 'group_number') }} as sampling_error
from {{ ref('twin_replicates') }}
group by measure_code, point_number
