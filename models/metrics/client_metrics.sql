{%- set grades = fuel_grades() -%}
{%- set methods = payment_methods() -%}
{%- set dayparts = dayparts() -%}

with clients as (

    select * from {{ ref('int_clients') }}

),

visits as (

    select
        *,
        hour(occurred_at) as hour_number
    from {{ ref('int_window_visits') }}

),

home_stations as (

    select * from {{ ref('client_home_stations') }}

),

gaps as (

    select * from {{ ref('client_gaps') }}

),

stations as (

    select * from {{ ref('int_stations') }}

),

run as (

    select * from {{ ref('int_run') }}

),

totals as (

    select
        client_id,
        count(*) as visits_count,
        count(*) filter (where volume_l > 0) as fuel_visits_count,
        count(payment_method) as paid_visits_count,
        cast(sum(volume_l) filter (where fuel_grade is not null) as double) as graded_l,
        cast(sum(volume_l) as double) as volume_l,
        cast(sum(total_amount_rub) as double) as spend_rub,
        cast(sum(shop_amount_rub) as double) as shop_rub,
        cast(sum(margin_rub) as double) as margin_rub,
        count(*) filter (where shop_amount_rub > 0) as shop_visits_count,
        count(*) filter (where isodow(occurred_at) >= 6) as weekend_visits_count,
        max(occurred_at) as last_visit_at,
        {%- for grade in grades %}
        cast(sum(volume_l) filter (where fuel_grade = '{{ grade }}') as double) as {{ grade }}_l,
        {%- endfor %}
        {%- for daypart in dayparts %}
        count(*) filter (where hour_number between {{ daypart[1] }} and {{ daypart[2] }})
            as {{ daypart[0] }}_visits_count,
        {%- endfor %}
        {%- for method in methods %}
        count(*) filter (where payment_method = '{{ method }}') as {{ method }}_visits_count{{ ',' if not loop.last }}
        {%- endfor %}
    from visits
    group by client_id

),

-- A client can be observed from registration or the start of the window on, whichever is later.
observed as (

    select
        clients.client_id,
        -- A client list may be younger than the last visit: whoever registered later counts as of the last day.
        greatest(
            date_diff(
                'day', greatest(coalesce(clients.registered_on, run.window_start), run.window_start), run.period_end
            ) + 1,
            1
        ) as observed_days,
        case
            when clients.registered_on is not null
                then greatest(date_diff('day', clients.registered_on, run.period_end), 0)
        end as tenure_days,
        run.period_end
    from clients
    cross join run

),

final as (

    select
        clients.client_id,
        coalesce(totals.visits_count, 0) as visits_count,
        observed.observed_days,
        coalesce(totals.visits_count, 0) * {{ var('month_days') }} / observed.observed_days as visits_per_month,
        coalesce(totals.volume_l, 0) * {{ var('month_days') }} / observed.observed_days as volume_l_per_month,
        {{ ratio('totals.volume_l', 'totals.fuel_visits_count') }} as volume_l_per_visit,
        coalesce(totals.spend_rub, 0) * {{ var('month_days') }} / observed.observed_days as spend_rub_per_month,
        {{ ratio('totals.spend_rub', 'totals.visits_count') }} as spend_rub_per_visit,
        coalesce(totals.shop_rub, 0) * {{ var('month_days') }} / observed.observed_days as shop_rub_per_month,
        {{ ratio('totals.shop_rub', 'totals.visits_count') }} as shop_rub_per_visit,
        -- No visit is no margin; visits without known margins are an unknown one.
        case when totals.visits_count is null then 0 else totals.margin_rub end
        * {{ var('month_days') }} / observed.observed_days as margin_rub_per_month,
        {{ ratio('totals.shop_rub', 'totals.spend_rub') }} as shop_share,
        {{ ratio('totals.shop_visits_count', 'totals.visits_count') }} as shop_visits_share,
        gaps.gap_days_mean,
        gaps.gap_days_cv,
        cast(date_diff('day', cast(totals.last_visit_at as date), observed.period_end) as double) as recency_days,
        observed.tenure_days,
        {%- for grade in grades %}
        {{ ratio('coalesce(totals.' ~ grade ~ '_l, 0)', 'totals.graded_l') }} as {{ grade }}_share,
        {%- endfor %}
        {{ ratio('(coalesce(totals.ai98_l, 0) + coalesce(totals.ai100_l, 0))', 'totals.graded_l') }}
            as premium_grade_share,
        {{ ratio('(coalesce(totals.ai95_eco_l, 0) + coalesce(totals.lpg_l, 0))', 'totals.graded_l') }}
            as eco_grade_share,
        {%- for daypart in dayparts %}
        {{ ratio('totals.' ~ daypart[0] ~ '_visits_count', 'totals.visits_count') }} as {{ daypart[0] }}_share,
        {%- endfor %}
        {{ ratio(
            'totals.visits_count - totals.morning_visits_count - totals.day_visits_count - totals.evening_visits_count',
            'totals.visits_count'
        ) }} as night_share,
        {{ ratio('totals.weekend_visits_count', 'totals.visits_count') }} as weekend_share,
        {{ ratio('home_stations.home_station_visits_count', 'totals.visits_count') }} as home_station_share,
        home_stations.stations_count,
        {%- for method in methods %}
        {{ ratio('totals.' ~ method ~ '_visits_count', 'totals.paid_visits_count') }} as {{ method }}_share,
        {%- endfor %}
        clients.vehicles_count,
        clients.tank_volume_l,
        clients.tank_volume_mean_l,
        clients.has_loyalty_card,
        clients.has_fuel_card,
        clients.has_contract,
        clients.client_type = 'corporate' as is_corporate,
        home_stations.home_station_id,
        -- Without a visit in the window: the grade of the vehicles.
        coalesce({{ largest(grades, '_l') }}, clients.main_fuel_grade) as main_fuel_grade,
        {{ largest(methods, '_visits_count') }} as main_payment_method,
        stations.has_cafe as home_station_has_cafe
    from clients
    inner join observed
        on clients.client_id = observed.client_id
    left join totals
        on clients.client_id = totals.client_id
    left join gaps
        on clients.client_id = gaps.client_id
    left join home_stations
        on clients.client_id = home_stations.client_id
    left join stations
        on home_stations.home_station_id = stations.station_id

)

select * from final
