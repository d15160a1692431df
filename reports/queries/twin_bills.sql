-- Only the bill of anonymous visits is judged; the others are shown with their own 95 % interval.
with checks as (
    select * from warehouse.mart_twin_quality where check_code = 'walk_in_bill'
)

select
    bills.series_label_ru,
    bills.value,
    bills.published_value,
    coalesce(checks.target_low, bills.value_low) as low,
    coalesce(checks.target_high, bills.value_high) as high,
    not checks.is_passed as is_missed
from ${twin_curves} as bills
left join checks on bills.series_code = 'anonymous'
where bills.curve_code = 'bill'
order by bills.value
