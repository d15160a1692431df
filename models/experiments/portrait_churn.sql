-- Of the clients active in the window before the metrics window: who did not come within it.

with visits as (

    select * from {{ ref('int_visits') }}

),

portraits as (

    select * from {{ ref('client_portraits') }}

),

run as (

    select
        *,
        cast(window_start - to_days({{ var('window_days') | int }}) as date) as earlier_start
    from {{ ref('int_run') }}

),

activity as (

    select
        visits.client_id,
        bool_or(visits.occurred_at < run.window_start) as was_active,
        bool_or(visits.occurred_at >= run.window_start) as is_active
    from visits
    cross join run
    where visits.client_id is not null and visits.occurred_at >= run.earlier_start
    group by visits.client_id

),

final as (

    select
        portraits.portrait_code,
        case
            -- The history must hold both windows in full.
            when any_value(run.earlier_start) >= any_value(run.period_start)
                then {{ ratio('count(*) filter (where not activity.is_active)', 'count(*)') }}
        end as churn_prob
    from activity
    inner join portraits
        on activity.client_id = portraits.client_id
    cross join run
    where activity.was_active
    group by portraits.portrait_code

)

select * from final
