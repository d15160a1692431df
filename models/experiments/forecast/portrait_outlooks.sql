with forecasts as (

    select * from {{ ref('client_forecasts') }}

),

visits as (

    select * from {{ ref('int_visits') }}

),

window_visits as (

    select * from {{ ref('int_window_visits') }}

),

run as (

    select * from {{ ref('int_run') }}

),

-- Before period_end only clients with a visit in the window count: the others have no portrait.
statuses as (

    select
        as_of_on as origin_on,
        client_id,
        portrait_code,
        true as is_active
    from {{ ref('client_portraits_by_month') }}
    where portrait_code <> 'silent' and as_of_on <> (select period_end from run)
    union all
    select
        run.period_end as origin_on,
        portraits.client_id,
        portraits.portrait_code,
        metrics.visits_count > 0 as is_active
    from {{ ref('client_portraits') }} as portraits
    inner join {{ ref('client_metrics') }} as metrics
        on portraits.client_id = metrics.client_id
    cross join run

),

origins as (

    select origin_on
    from forecasts
    group by origin_on

),

purchases as (

    select
        statuses.origin_on,
        statuses.portrait_code,
        count(*) as window_visits_count,
        coalesce({{ exact_sum('window_visits.volume_l') }}, 0) as window_volume_l,
        coalesce({{ exact_sum('window_visits.volume_l * window_visits.volume_l') }}, 0) as window_volume_square,
        coalesce({{ exact_sum('window_visits.total_amount_rub') }}, 0) as window_revenue_rub,
        coalesce({{ exact_sum('window_visits.total_amount_rub * window_visits.total_amount_rub') }}, 0)
            as window_revenue_square
    from window_visits
    inner join origins
        on window_visits.as_of_on = origins.origin_on
    inner join statuses
        on
            window_visits.as_of_on = statuses.origin_on
            and window_visits.client_id = statuses.client_id
    group by statuses.origin_on, statuses.portrait_code

),

actual as (

    select
        client_id,
        cast(date_trunc('month', occurred_at) as date) as month_start_on,
        count(*) as visits_count,
        sum(volume_l) as volume_l,
        sum(total_amount_rub) as revenue_rub
    from visits
    where
        client_id is not null
        and occurred_at >= (select min(month_start_on) from forecasts)
    group by all

),

totals as (

    select
        forecasts.origin_on,
        forecasts.origin_on = run.period_end as is_last,
        statuses.portrait_code,
        forecasts.month_number,
        forecasts.month_start_on,
        count(*) as clients_count,
        count(*) filter (where statuses.is_active) as active_clients_count,
        {{ exact_sum('forecasts.expected_visits') }} as expected_visits,
        {{ exact_sum('case when statuses.is_active then forecasts.expected_visits else 0 end') }}
            as expected_active_visits,
        {{ exact_sum('forecasts.visits_variance') }} as visits_variance,
        cast({{ exact_avg('forecasts.churn_prob') }} as double) as churn_prob,
        coalesce(sum(actual.visits_count), 0) as actual_visits_count,
        coalesce({{ exact_sum('actual.volume_l') }}, 0) as actual_volume_l,
        coalesce({{ exact_sum('actual.revenue_rub') }}, 0) as actual_revenue_rub
    from forecasts
    inner join statuses
        on
            forecasts.origin_on = statuses.origin_on
            and forecasts.client_id = statuses.client_id
    cross join run
    left join actual
        on
            forecasts.client_id = actual.client_id
            and forecasts.month_start_on = actual.month_start_on
    group by all

),

final as (

    select
        totals.origin_on,
        totals.is_last,
        totals.portrait_code,
        totals.month_number,
        totals.month_start_on,
        totals.clients_count,
        totals.active_clients_count,
        totals.expected_visits,
        totals.expected_active_visits,
        totals.visits_variance,
        totals.churn_prob,
        coalesce(purchases.window_visits_count, 0) as window_visits_count,
        coalesce(purchases.window_volume_l, 0) as window_volume_l,
        coalesce(purchases.window_volume_square, 0) as window_volume_square,
        coalesce(purchases.window_revenue_rub, 0) as window_revenue_rub,
        coalesce(purchases.window_revenue_square, 0) as window_revenue_square,
        -- The months after period_end are not observed.
        case when not totals.is_last then cast(totals.actual_visits_count as bigint) end as actual_visits_count,
        case when not totals.is_last then totals.actual_volume_l end as actual_volume_l,
        case when not totals.is_last then totals.actual_revenue_rub end as actual_revenue_rub
    from totals
    left join purchases
        on
            totals.origin_on = purchases.origin_on
            and totals.portrait_code = purchases.portrait_code
    order by totals.origin_on, totals.portrait_code, totals.month_number

)

select * from final
