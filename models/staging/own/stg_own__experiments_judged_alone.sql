{{ config(materialized='table') }}

{#- Reasons that need no features: int_as_of takes the days of the client metrics from here, and these must not be
   rebuilt when data/reference/feature_hypotheses.json changes. -#}

with experiments as (

    select * from {{ ref('stg_own__experiments_parsed') }}

),

clients as (

    select
        source_client_id,
        registered_on
    from {{ ref('stg_own__clients') }}

),

history as (

    select
        min(cast(occurred_at as date)) as first_day_on,
        max(cast(occurred_at as date)) as last_day_on
    from {{ ref('stg_own__transactions') }}

),

findings as (

    select
        *,
        -- is_treated is required: an empty one is a fault too.
        coalesce(
            case when is_treated is null then { 'name': 'is_treated', 'text': is_treated_text } end,
            {{ first_fault(own_flags('experiments'), '{name} is null') }}
        ) as bad_flag,
        {{ first_fault(own_numbers('experiments'), 'coalesce({name} < 0 or {name} >= 1000000000, true)') }}
            as bad_number
    from experiments

),

final as (

    select
        findings.client_id,
        findings.source_client_id,
        findings.feature_code,
        findings.group_id,
        findings.source_group_id,
        findings.source_file,
        findings.source_row_number,
        findings.source_columns,
        findings.started_on,
        findings.cost_rub,
        findings.is_treated,
        findings.has_responded,
        case
            when is_malformed then 'malformed_row'
            when findings.source_client_id is null or feature_code is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when clients.source_client_id is null then 'unknown_client'
            when bad_flag is not null then 'bad_flag'
            when coalesce(year(started_on) not between 1990 and 2099, true) then 'bad_date'
            when started_on <= history.first_day_on then 'before_history'
            when started_on > history.last_day_on then 'after_history'
            when started_on < clients.registered_on then 'before_registration'
            when bad_number is not null then 'bad_number'
        end as reason_code,
        coalesce(bad_flag, bad_number).name as bad_column,
        coalesce(bad_flag, bad_number).text as bad_text,
        {{ of_rejected(['started_on_text', 'first_row_number', 'first_day_on', 'last_day_on', 'registered_on']) }}
    from findings
    left join clients
        on findings.source_client_id = clients.source_client_id
    cross join history

)

select * from final
