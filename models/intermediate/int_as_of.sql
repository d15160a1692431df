{{ config(materialized='table') }}

with run as (

    select * from {{ ref('int_run') }}

),

month_ends as (

    select
        cast(
            unnest(
                range(
                    date_trunc('month', period_start) + interval 1 month, period_end + interval 1 day, interval 1 month
                )
            ) - interval 1 day as date
        ) as as_of_on,
        period_start
    from run

),

-- Pilot clients are described by what was known on the day before their start.
pilot_days as (

    select distinct cast(started_on - interval 1 day as date) as as_of_on
    from {{ ref('stg_own__experiments_judged_alone') }}
    where reason_code is null

),

days as (

    select
        period_end as as_of_on,
        window_start,
        true as is_last_window,
        true as is_followed,
        false as is_pilot_day
    from run
    union all
    -- The last day uses whatever history exists; earlier month ends need a full window to be comparable.
    select
        as_of_on,
        {{ window_start('as_of_on') }} as window_start,
        false as is_last_window,
        true as is_followed,
        false as is_pilot_day
    from month_ends
    where {{ window_start('as_of_on') }} >= period_start
    union all
    -- Before a pilot, a short history is better than none.
    select
        pilot_days.as_of_on,
        greatest({{ window_start('pilot_days.as_of_on') }}, run.period_start) as window_start,
        false as is_last_window,
        false as is_followed,
        true as is_pilot_day
    from pilot_days
    cross join run

),

-- One row per day, even if it serves several purposes.
final as (

    select
        as_of_on,
        min(window_start) as window_start,
        bool_or(is_last_window) as is_last_window,
        bool_or(is_followed) as is_followed,
        bool_or(is_pilot_day) as is_pilot_day
    from days
    group by as_of_on

)

select * from final
