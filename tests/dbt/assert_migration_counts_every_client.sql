-- Every client of a month end belongs to exactly one flow between portraits.
with clients as (

    select
        as_of_on as month_end_on,
        count(*) as clients_count
    from {{ ref('client_metrics_by_month') }}
    group by as_of_on

),

flows as (

    select
        month_end_on,
        sum(clients_count) as clients_count
    from {{ ref('mart_portrait_migration') }}
    group by month_end_on

)

select
    flows.month_end_on,
    flows.clients_count,
    clients.clients_count as expected_count
from flows
left join clients
    on flows.month_end_on = clients.month_end_on
where flows.clients_count is distinct from clients.clients_count
