{# Regularity of visits in the last window or in all windows. #}
{% macro client_gaps(by_month=false) -%}
with days as (

    select * from {{ ref('int_window_days') }}
    {%- if not by_month %}
    where is_last_window
    {%- endif %}

),

-- Each visit once, however many windows it lies in, because sorting the visits dominates the cost.
visits as (

    select
        client_id,
        occurred_at,
        lag(occurred_at) over (partition by client_id order by occurred_at) as previous_at
    from {{ ref('int_visits') }}
    where client_id is not null and cast(occurred_at as date) in (select day_on from days)

),

gaps as (

    select
        days.as_of_on,
        visits.client_id,
        date_diff('second', visits.previous_at, visits.occurred_at) as gap_seconds
    from visits
    inner join days
        on
            cast(visits.occurred_at as date) = days.day_on
            and visits.previous_at >= days.window_start

),

final as (

    select
        as_of_on,
        client_id,
        avg(gap_seconds) / 86400 as gap_days_mean,
        {{ ratio(exact_stddev('gap_seconds'), 'avg(gap_seconds)') }} as gap_days_cv
    from gaps
    group by as_of_on, client_id

)

select * from final
{%- endmacro %}
