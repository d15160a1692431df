-- Offers respect the limits of feature_hypotheses.json and the consent of the clients, and add up to mart_offers, up to
-- rounding.
with limits as (

    select * from {{ ref('stg_reference__offers') }}

),

offers as (

    select * from {{ ref('fct_client_offers') }}

),

clients as (

    select * from {{ ref('dim_clients') }}

),

sums as (

    select * from {{ ref('mart_offers') }}

),

totals as (

    select
        count(*) as clients_count,
        coalesce(sum(predicted_cost_rub_per_month), 0) as cost_rub,
        coalesce(sum(predicted_profit_rub_per_month), 0) as profit_rub
    from offers

),

by_kind as (

    select
        coalesce(sum(clients_count) filter (where portrait_code is null), 0) as of_features_count,
        coalesce(sum(clients_count) filter (where portrait_code is not null), 0) as of_portraits_count,
        coalesce(sum(predicted_cost_rub_per_month) filter (where portrait_code is null), 0) as cost_rub,
        coalesce(sum(predicted_profit_rub_per_month) filter (where portrait_code is null), 0) as profit_rub
    from sums

)

select 'more than the budget' as mistake
from totals
cross join limits
where totals.cost_rub > limits.budget_rub_per_month * (1 + 1e-9)
union all
select 'more contacts than the limit' as mistake
from totals
cross join limits
where totals.clients_count > limits.contacts_limit
union all
select 'without consent or profit' as mistake
from offers
inner join clients
    on offers.client_id = clients.client_id
where
    coalesce(not clients.has_marketing_consent, true)
    or offers.predicted_profit_rub_per_month <= 0
    or offers.predicted_cost_rub_per_month < 0
union all
select 'sums differ' as mistake
from totals
cross join by_kind
where
    totals.clients_count <> by_kind.of_features_count
    or totals.clients_count <> by_kind.of_portraits_count
    or abs(totals.cost_rub - by_kind.cost_rub) > 1e-6 * (1 + totals.cost_rub)
    or abs(totals.profit_rub - by_kind.profit_rub) > 1e-6 * (1 + totals.profit_rub)
