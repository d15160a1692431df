{#- The number expected by ml/planning/spread.py. -#}
{%- set blocks = 6 -%}

with visits as (

    select * from {{ ref('int_window_visits') }}
    where is_last_window

),

metrics as (

    select * from {{ ref('client_metrics') }}

),

run as (

    select * from {{ ref('int_run') }}

),

-- Days count from the first day on which the client could be observed.
placed as (

    select
        metrics.client_id,
        -- A visit before the registration counts on the first day, as in client_metrics.
        greatest(
            metrics.observed_days - 1 - date_diff('day', cast(visits.occurred_at as date), run.period_end), 0
        ) * {{ blocks }} // metrics.observed_days + 1 as block_number,
        visits.volume_l,
        visits.total_amount_rub,
        visits.shop_amount_rub
    from visits
    inner join metrics
        on visits.client_id = metrics.client_id
    cross join run

),

totals as (

    select
        client_id,
        block_number,
        count(*) as visits_count,
        cast(sum(volume_l) as double) as volume_l,
        cast(sum(total_amount_rub) as double) as spend_rub,
        cast(sum(shop_amount_rub) as double) as shop_rub
    from placed
    group by client_id, block_number

),

block_numbers as (

    select unnest(range(1, {{ blocks }} + 1)) as block_number

),

final as (

    select
        metrics.client_id,
        block_numbers.block_number,
        (block_numbers.block_number * metrics.observed_days + {{ blocks - 1 }}) // {{ blocks }}
        - ((block_numbers.block_number - 1) * metrics.observed_days + {{ blocks - 1 }}) // {{ blocks }} as days_count,
        coalesce(totals.visits_count, 0) as visits_count,
        coalesce(totals.volume_l, 0) as volume_l,
        coalesce(totals.spend_rub, 0) as spend_rub,
        coalesce(totals.shop_rub, 0) as shop_rub
    from metrics
    cross join block_numbers
    left join totals
        on metrics.client_id = totals.client_id
        and block_numbers.block_number = totals.block_number

)

select * from final
