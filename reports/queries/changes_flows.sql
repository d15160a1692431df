-- Clients who arrived, fell silent and returned in the last month over which portraits are followed.
select
    month_end_on,
    coalesce(
        sum(clients_count) filter (where from_portrait_code = 'unregistered' and to_portrait_code <> 'silent'), 0
    ) as new_count,
    coalesce(
        sum(clients_count) filter (
            where to_portrait_code = 'silent' and from_portrait_code not in ('silent', 'unregistered')
        ),
        0
    ) as silent_count,
    coalesce(
        sum(clients_count) filter (where from_portrait_code = 'silent' and to_portrait_code <> 'silent'), 0
    ) as returned_count
from warehouse.mart_portrait_migration
group by month_end_on
order by month_end_on desc
limit 1
