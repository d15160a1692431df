{#- Clients that a transaction may refer to, also those of a synthetic run, whose broken visits are judged too. -#}

with own as (

    select * from {{ ref('stg_own__clients_judged') }}
    where reason_code is null

),

twin as (

    select * from {{ ref('stg_twin__clients') }}

),

vehicles as (

    select
        client_id,
        max(tank_volume_l) as tank_volume_l
    from {{ ref('stg_twin__vehicles') }}
    group by client_id

),

final as (

    select
        source_client_id,
        tank_volume_l,
        rub_per_unit,
        currency_code,
        registered_on
    from own
    union all
    select
        twin.source_client_id,
        vehicles.tank_volume_l,
        1.0 as rub_per_unit,
        'RUB' as currency_code,
        twin.registered_on
    from twin
    left join vehicles
        on twin.client_id = vehicles.client_id

)

select * from final
