-- Every client has exactly one portrait, and the profiles count each client once.
select
    (select count(*) from {{ ref('dim_clients') }}) as clients_count,
    (select count(*) from {{ ref('fct_client_portraits') }}) as assigned_count,
    (select sum(clients_count) from {{ ref('mart_portrait_profiles') }}) as profiled_count
where clients_count <> assigned_count or clients_count <> profiled_count
