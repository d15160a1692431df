with outcomes as (

    select * from {{ ref('raw_experiment_outcomes') }}

),

profiles as (

    select
        client_id,
        portrait_code
    from {{ ref('client_portraits') }}

),

weeks as (

    select
        client_id,
        feature_code,
        is_treated,
        unnest(range(1, len(weekly_visits) + 1)) as week_number,
        unnest(weekly_visits) as visits_count,
        unnest(coalesce(weekly_responses, list_transform(weekly_visits, lambda visits: 0))) as is_response
    from outcomes

),

final as (

    select
        weeks.feature_code,
        profiles.portrait_code,
        weeks.week_number,
        count(*) filter (where weeks.is_treated) as treated_count,
        count(*) filter (where weeks.is_treated and weeks.is_response = 1) as responded_count,
        {{ ratio(
            'count(*) filter (where weeks.is_treated and weeks.is_response = 1)',
            'count(*) filter (where weeks.is_treated)'
        ) }} as interest_share,
        avg(weeks.visits_count) filter (where weeks.is_treated) as visits_per_client_treated,
        avg(weeks.visits_count) filter (where not weeks.is_treated) as visits_per_client_control
    from weeks
    inner join profiles
        on weeks.client_id = profiles.client_id
    group by all

)

select * from final
