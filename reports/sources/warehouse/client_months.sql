-- Months of those clients whose months ahead are forecast, by today's portrait: added up here, so that the browser gets
-- months and no visits. One more row always goes along, marked: a source without rows breaks every page.
select
    portraits.portrait_code,
    cast(date_trunc('month', visits.occurred_at) as date) as month_start_on,
    bool_and(
        date_trunc('month', visits.occurred_at) >= run.period_start and last_day(visits.occurred_at) <= run.period_end
    ) as is_full_month,
    cast(count(*) as double) as visits_count,
    cast(sum(visits.volume_l) as double) as volume_l,
    cast(sum(visits.total_amount_rub) as double) as revenue_rub,
    false as is_placeholder
from marts.fct_transactions as visits
inner join marts.fct_client_portraits as portraits on visits.client_id = portraits.client_id
cross join marts.run_info as run
group by all
union all
select '', date '2000-01-01', false, 0, 0, 0, true
