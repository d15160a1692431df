-- The contract in yml fixes the columns, so the results are selected with *.

select
    results.* exclude (portrait_code),
    moved.moved_visits_per_month,
    moved.moved_visits_per_month_low,
    moved.moved_visits_per_month_high
from {{ ref('feature_results') }} as results
left join {{ ref('moved_visits') }} as moved
    on results.feature_code = moved.feature_code
where results.portrait_code is null
