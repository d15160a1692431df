{{ config(materialized='view') }}

with visits as (

    select * from {{ ref('int_visits') }}

),

clients as (

    select * from {{ ref('int_clients') }}

),

portraits as (

    select * from {{ ref('truth_client_portraits') }}

),

run as (

    select * from {{ ref('int_run') }}

),

final as (

    select
        visits.transaction_id,
        -- The drivers of anonymous visits are unknown but return to their station, so its visits stay in one group:
        -- grouping by visit would split a driver and understate the error.
        coalesce(visits.client_id, visits.station_id) % {{ error_groups() }} as group_number,
        coalesce(clients.client_type, 'anonymous') as segment_code,
        visits.fuel_grade,
        visits.volume_l,
        visits.price_rub_per_l,
        visits.shop_amount_rub,
        visits.total_amount_rub,
        visits.margin_rub,
        coalesce(visits.payment_method in ('cash', 'card', 'app'), false) as is_paid_at_once,
        -- Clients of the whole history: otherwise arrivals and departures would look like a season.
        coalesce(clients.registered_on < run.period_start and portraits.left_on is null, false) as is_settled,
        visits.occurred_at
    from visits
    inner join run
        on run.is_synthetic
    left join clients
        on visits.client_id = clients.client_id
    left join portraits
        on visits.client_id = portraits.client_id

)

select * from final
