with visits as (

    select
        client_id,
        occurred_at
    from {{ ref('int_window_visits') }}

),

gaps as (

    select
        client_id,
        epoch(occurred_at - lag(occurred_at) over (partition by client_id order by occurred_at)) / 86400 as gap_days
    from visits

),

final as (

    select
        client_id,
        avg(gap_days) as gap_days_mean,
        {{ ratio('stddev_samp(gap_days)', 'avg(gap_days)') }} as gap_days_cv
    from gaps
    where gap_days is not null
    group by client_id

)

select * from final
