{# Behaviour of clients in the last window, or in all windows with their as_of_on.

    Everything depends on client_metrics(), so it must not pay for the other windows. #}
{% macro client_metrics(by_month=false) -%}
{%- set grades = fuel_grades() -%}
{%- set methods = payment_methods() -%}
{%- set dayparts = dayparts() -%}
{%- set suffix = '_by_month' if by_month else '' -%}

with clients as (

    select * from {{ ref('int_clients') }}

),

visits as (

    select
        *,
        hour(occurred_at) as hour_number
    from {{ ref('int_window_visits') }}
    {%- if not by_month %}
    where is_last_window
    {%- endif %}

),

home_stations as (

    select * from {{ ref('client_home_stations' ~ suffix) }}

),

gaps as (

    select * from {{ ref('client_gaps' ~ suffix) }}

),

stations as (

    select * from {{ ref('int_stations') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}
    {%- if not by_month %}
    where is_last_window
    {%- endif %}

),

totals as (

    select
        as_of_on,
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
    group by as_of_on, client_id

),

-- A client is observed from registration or from the start of the window, whichever is later.
observed as (

    select
        as_of.as_of_on,
        clients.client_id,
        greatest(
            date_diff(
                'day', greatest(coalesce(clients.registered_on, as_of.window_start), as_of.window_start), as_of.as_of_on
            ) + 1,
            1
        ) as observed_days,
        case
            when clients.registered_on is not null
                then greatest(date_diff('day', clients.registered_on, as_of.as_of_on), 0)
        end as tenure_days
    from clients
    cross join as_of
    -- A client list may be newer than the last visit: clients registered later count on the last day.
    where as_of.is_last_window or clients.registered_on is null or clients.registered_on <= as_of.as_of_on

),

final as (

    select
        {%- if by_month %}
        observed.as_of_on,
        {%- endif %}
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
        cast(date_diff('day', cast(totals.last_visit_at as date), observed.as_of_on) as double) as recency_days,
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
        -- Without litres in the window: the grade of the vehicles.
        coalesce({{ largest(grades, '_l') }}, clients.main_fuel_grade) as main_fuel_grade,
        {{ largest(methods, '_visits_count') }} as main_payment_method,
        stations.has_cafe as home_station_has_cafe
    from observed
    inner join clients
        on observed.client_id = clients.client_id
    left join totals
        on observed.as_of_on = totals.as_of_on and observed.client_id = totals.client_id
    left join gaps
        on observed.as_of_on = gaps.as_of_on and observed.client_id = gaps.client_id
    left join home_stations
        on observed.as_of_on = home_stations.as_of_on and observed.client_id = home_stations.client_id
    left join stations
        on home_stations.home_station_id = stations.station_id

)

select * from final
{%- endmacro %}
