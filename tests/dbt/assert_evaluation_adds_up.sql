-- Every method is graded on the same clients, those with a visit in the window; accuracy is their share of hits.
with clients as (

    select count(*) as clients_count from {{ ref('fct_client_metrics') }} where visits_count > 0

),

methods as (

    select
        method_code,
        sum(value) filter (where grade_code = 'clients_count') as graded_count,
        sum(value) filter (where grade_code = 'clients_count' and portrait_code = predicted_code) as hits_count,
        max(value) filter (where grade_code = 'accuracy') as accuracy
    from {{ ref('mart_evaluation') }}
    where scope_code = 'run'
    group by method_code

)

select
    methods.method_code,
    methods.graded_count,
    clients.clients_count,
    methods.accuracy
from methods
cross join clients
where
    methods.graded_count <> clients.clients_count
    or abs(coalesce(methods.hits_count, 0) / clients.clients_count - methods.accuracy) > 1e-9
