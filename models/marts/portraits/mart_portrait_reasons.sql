with reasons as (

    select * from {{ ref('client_portrait_reasons') }}

),

clients as (

    select
        client_id,
        portrait_code
    from {{ ref('client_portraits') }}

),

portraits as (

    select * from {{ ref('dim_portraits') }}

),

metrics as (

    select * from {{ ref('dim_metrics') }}

),

-- The reasons of undefined clients refer to a portrait that was not assigned, and are skipped.
final as (

    select
        reasons.portrait_code,
        reasons.criterion_code,
        reasons.metric_code,
        any_value(portraits.label_ru) as label_ru,
        any_value(metrics.label_ru) as metric_label_ru,
        count(*) as clients_count,
        count(reasons.is_matched) as known_count,
        {{ ratio('count(*) filter (where reasons.is_matched)', 'count(reasons.is_matched)') }} as matched_share,
        {{ exact_avg('reasons.contribution') }} as contribution
    from reasons
    inner join clients
        on reasons.client_id = clients.client_id and reasons.portrait_code = clients.portrait_code
    left join portraits
        on reasons.portrait_code = portraits.portrait_code
    left join metrics
        on reasons.metric_code = metrics.metric_code
    group by reasons.portrait_code, reasons.criterion_code, reasons.metric_code

)

select * from final
