with forecasts as (

    select * from {{ ref('fct_client_forecasts') }}

),

portraits as (

    select * from {{ ref('fct_client_portraits') }}

),

metrics as (

    select * from {{ ref('fct_client_metrics') }}

),

final as (

    select
        forecasts.portrait_code,
        portraits.is_active,
        count(*) as clients_count,
        {{ exact_avg('forecasts.churn_prob') }} as churn_prob,
        {{ exact_sum('forecasts.churn_prob') }} as leaving_count,
        {{ exact_sum('forecasts.churn_prob * metrics.spend_rub_per_month') }} as spend_at_risk_rub_per_month
    from forecasts
    inner join portraits
        on forecasts.client_id = portraits.client_id
    inner join metrics
        on forecasts.client_id = metrics.client_id
    group by all

)

select * from final
