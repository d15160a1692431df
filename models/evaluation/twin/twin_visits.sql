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
        -- Nobody knows who an anonymous visit was. Drivers come back to their station, so its visits stay together;
        -- by the visit's own number one driver would be torn apart and the error would look smaller than it is.
        coalesce(visits.client_id, visits.station_id) % {{ error_groups() }} as group_number,
        coalesce(clients.client_type, 'anonymous') as segment_code,
        visits.fuel_grade,
        visits.volume_l,
        visits.price_rub_per_l,
        visits.shop_amount_rub,
        visits.total_amount_rub,
        visits.margin_rub,
        coalesce(visits.payment_method in ('cash', 'card', 'app'), false) as is_paid_at_once,
        -- With the network over the whole history: neither coming nor leaving looks like a season.
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
