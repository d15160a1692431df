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

final as (

    select
        period_end as as_of_on,
        window_start,
        true as is_last_window
    from run
    union all
    -- Of the last day whatever history there is counts; an earlier one must have a whole window to compare with.
    select
        as_of_on,
        {{ window_start('as_of_on') }} as window_start,
        false as is_last_window
    from month_ends
    where {{ window_start('as_of_on') }} >= period_start

)

select * from final
