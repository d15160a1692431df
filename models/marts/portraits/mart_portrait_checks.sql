with checks as (

    select * from {{ ref('portrait_criteria_checks') }}

),

criteria as (

    select * from {{ ref('stg_reference__criteria') }}

),

portraits as (

    select * from {{ ref('dim_portraits') }}

),

metrics as (

    select * from {{ ref('dim_metrics') }}

),

final as (

    select
        checks.portrait_code,
        checks.criterion_code,
        checks.metric_code,
        criteria.kind,
        checks.finding_code,
        portraits.label_ru,
        metrics.label_ru as metric_label_ru,
        metrics.unit_ru,
        checks.advice_ru,
        criteria."values" as allowed_values,
        checks.observed_values,
        criteria.low,
        criteria.high,
        checks.observed_low,
        checks.observed_high,
        criteria.weight,
        checks.known_count,
        checks.satisfied_count,
        checks.satisfied_share,
        checks.others_satisfied_count,
        checks.excluded_only_count,
        checks.is_hard,
        checks.is_binding,
        checks.is_reachable
    from checks
    inner join criteria
        on checks.portrait_code = criteria.portrait_code and checks.criterion_code = criteria.criterion_code
    left join portraits
        on checks.portrait_code = portraits.portrait_code
    left join metrics
        on checks.metric_code = metrics.metric_code

)

select * from final
