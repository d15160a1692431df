with visits as (

    select
        client_id,
        occurred_at
    from {{ ref('int_window_visits') }}

),

gaps as (

    select
        client_id,
        date_diff('second', lag(occurred_at) over (partition by client_id order by occurred_at), occurred_at)
            as gap_seconds
    from visits

),

final as (

    select
        client_id,
        avg(gap_seconds) / 86400 as gap_days_mean,
        {{ ratio(exact_stddev('gap_seconds'), 'avg(gap_seconds)') }} as gap_days_cv
    from gaps
    where gap_seconds is not null
    group by client_id

)

select * from final
