-- Clients of each portrait at the last followed month end and before. The flows of a month end contain the portraits of
-- both that month end and the previous one.
with flows as (
    select * from warehouse.mart_portrait_migration
),

last_end as (
    select max(month_end_on) as month_end_on from flows
),

pairs as (
    select
        'month' as comparison_code,
        month_end_on as flows_on
    from last_end
    union all
    select
        'year' as comparison_code,
        max(flows.month_end_on) as flows_on
    from flows
    cross join last_end
    where date_trunc('month', flows.month_end_on) = date_trunc('month', last_end.month_end_on) - interval 11 month
    having count(*) > 0
),

counts as (
    select
        pairs.comparison_code,
        flows.to_portrait_code as portrait_code,
        flows.to_label_ru as portrait,
        flows.clients_count,
        0 as before_count
    from pairs
    cross join last_end
    inner join flows on last_end.month_end_on = flows.month_end_on
    union all
    select
        pairs.comparison_code,
        flows.from_portrait_code as portrait_code,
        flows.from_label_ru as portrait,
        0 as clients_count,
        flows.clients_count as before_count
    from pairs
    inner join flows on pairs.flows_on = flows.month_end_on
)

select
    comparison_code,
    portrait_code,
    portrait,
    case when portrait_code <> 'silent' then '/portraits/' || portrait_code || '/' end as href,
    sum(clients_count) as clients_count,
    sum(before_count) as before_count,
    sum(clients_count) - sum(before_count) as clients_change
from counts
where portrait_code <> 'unregistered'
group by comparison_code, portrait_code, portrait
