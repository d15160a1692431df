select
    bin_number,
    cast(round(100 * (bin_number - 1) / 15) as integer) || '–' || cast(round(100 * bin_number / 15) as integer) as bin,
    max(value) filter (where grade_code = 'bin_mean_prob') as mean_prob,
    max(value) filter (where grade_code = 'bin_right_share') as right_share,
    max(value) filter (where grade_code = 'bin_clients_count') as clients_count,
    'вероятность ' || cast(round(100 * (bin_number - 1) / 15) as integer) || '–'
    || cast(round(100 * bin_number / 15) as integer)
    || ' %, клиентов: ' || cast(max(value) filter (where grade_code = 'bin_clients_count') as integer) as note
from ${evaluation_grades}
where scope_code = 'run' and method_code = 'twinlab' and bin_number is not null
group by bin_number
order by bin_number
