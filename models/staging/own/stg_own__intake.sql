with clients as (

    select count(*) as accepted_count from {{ ref('stg_own__clients') }}

),

transactions as (

    select coalesce(sum(lines_count), 0) as accepted_count from {{ ref('stg_own__transactions') }}

),

stations as (

    select
        count(source_row_number) as accepted_count,
        count(*) - count(source_row_number) as unlisted_count
    from {{ ref('stg_own__stations') }}

),

experiments as (

    select count(*) as accepted_count from {{ ref('stg_own__experiments') }}

),

-- Read rows are counted in the raw tables, so that a lost row would show.
raw_clients as (

    select count(*) as read_count from {{ ref('raw_own__clients') }}

),

raw_transactions as (

    select count(*) as read_count from {{ ref('raw_own__transactions') }}

),

raw_stations as (

    select count(*) as read_count from {{ ref('raw_own__stations') }}

),

raw_experiments as (

    select count(*) as read_count from {{ ref('raw_own__experiments') }}

),

quarantined_clients as (

    select count(*) as quarantined_count from {{ ref('quarantine_clients') }}

),

quarantined_transactions as (

    select count(*) as quarantined_count from {{ ref('quarantine_transactions') }}

),

quarantined_stations as (

    select count(*) as quarantined_count from {{ ref('quarantine_stations') }}

),

quarantined_experiments as (

    select count(*) as quarantined_count from {{ ref('quarantine_experiments') }}

),

final as (

    select
        raw_clients.read_count as clients_read_count,
        clients.accepted_count as clients_accepted_count,
        quarantined_clients.quarantined_count as clients_quarantined_count,
        raw_transactions.read_count as transactions_read_count,
        cast(transactions.accepted_count as bigint) as transactions_accepted_count,
        quarantined_transactions.quarantined_count as transactions_quarantined_count,
        raw_stations.read_count as stations_read_count,
        stations.accepted_count as stations_accepted_count,
        quarantined_stations.quarantined_count as stations_quarantined_count,
        stations.unlisted_count as stations_unlisted_count,
        raw_experiments.read_count as experiments_read_count,
        experiments.accepted_count as experiments_accepted_count,
        quarantined_experiments.quarantined_count as experiments_quarantined_count
    from clients
    cross join transactions
    cross join stations
    cross join experiments
    cross join raw_clients
    cross join raw_transactions
    cross join raw_stations
    cross join raw_experiments
    cross join quarantined_clients
    cross join quarantined_transactions
    cross join quarantined_stations
    cross join quarantined_experiments

)

select
    *,
    clients_read_count - clients_accepted_count - clients_quarantined_count as clients_lost_count,
    transactions_read_count - transactions_accepted_count - transactions_quarantined_count as transactions_lost_count,
    stations_read_count - stations_accepted_count - stations_quarantined_count as stations_lost_count,
    experiments_read_count - experiments_accepted_count - experiments_quarantined_count as experiments_lost_count
from final
