with metrics as (

    select * from {{ ref('client_metrics') }}

),

portraits as (

    select * from {{ ref('client_portraits') }}

),

final as (

    select
        metrics.*,
        portraits.portrait_code
    from metrics
    inner join portraits
        on metrics.client_id = portraits.client_id

)

select * from final
