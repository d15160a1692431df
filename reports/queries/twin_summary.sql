select
    count(*) filter (where kind = 'calibration' and is_passed is not null) as judged,
    count(*) filter (where kind = 'calibration' and is_passed) as met,
    count(*) filter (where kind = 'calibration' and not is_passed) as missed,
    count(*) filter (where kind = 'calibration' and is_passed is null) as unmeasured,
    count(*) filter (where kind = 'calibration' and is_passed is not null and not is_input) as derived,
    count(*) filter (where kind = 'calibration' and is_passed and not is_input) as derived_met,
    count(*) filter (where kind = 'physical') as physical,
    count(*) filter (where kind = 'physical' and is_passed) as physical_met
from warehouse.mart_twin_quality
