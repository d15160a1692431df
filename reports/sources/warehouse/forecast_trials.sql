-- The same forecast made at earlier month ends of a sample of clients, beside what came since; all portraits together. One
-- more row always goes along, marked: a source without rows breaks every page.
select
    origin_on,
    month_number,
    cast(month_start_on as date) as month_start_on,
    cast(sum(clients_count) as double) as clients_count,
    sum(expected_visits) as expected_visits_count,
    cast(sum(actual_visits_count) as double) as actual_visits_count,
    false as is_placeholder
from experiments.portrait_outlooks
where not is_last and expected_visits is not null
group by all
union all
select date '2000-01-01', 0, date '2000-01-01', 0, 0, 0, true
