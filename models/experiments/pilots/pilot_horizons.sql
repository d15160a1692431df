with participants as (

    select * from {{ ref('stg_own__experiments') }}

),

features as (

    select
        feature_code,
        horizon_weeks
    from {{ ref('stg_reference__features') }}

),

run as (

    select * from {{ ref('int_run') }}

),

starts as (

    select
        feature_code,
        min(started_on) as first_started_on,
        max(started_on) as last_started_on
    from participants
    group by feature_code

),

final as (

    select
        starts.feature_code,
        starts.first_started_on,
        starts.last_started_on,
        -- Full weeks observed for the client who started last: the same for all, or the arms would not be comparable.
        cast(
            least(features.horizon_weeks, (date_diff('day', starts.last_started_on, run.period_end) + 1) // 7)
            as bigint
        ) as horizon_weeks
    from starts
    inner join features
        on starts.feature_code = features.feature_code
    cross join run

)

select * from final
