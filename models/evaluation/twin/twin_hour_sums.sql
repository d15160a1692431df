select
    group_number,
    segment_code,
    fuel_grade,
    isodow(occurred_at) as weekday_number,
    hour(occurred_at) as hour_number,
    count(*) as visits_count
from {{ ref('twin_visits') }}
group by all
