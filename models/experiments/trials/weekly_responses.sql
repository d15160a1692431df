{#- Groups of clients for the jackknife. -#}
{%- set groups = 20 %}

with outcomes as (

    select
        client_id,
        feature_code,
        weekly_responses
    from {{ ref('raw_experiment_outcomes') }}
    where is_treated

),

weeks as (

    select
        client_id % {{ groups }} as group_number,
        feature_code,
        unnest(range(1, len(weekly_responses) + 1)) as week_number,
        unnest(weekly_responses) as is_response
    from outcomes

),

final as (

    select
        feature_code,
        group_number,
        week_number,
        count(*) as treated_count,
        count(*) filter (where is_response = 1) as responded_count
    from weeks
    group by all
    order by feature_code, group_number, week_number

)

select * from final
