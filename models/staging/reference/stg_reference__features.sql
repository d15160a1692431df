{{ config(materialized='table') }}

with source as (

    select
        cast(json ->> 'horizon_weeks' as integer) as horizon_weeks,
        unnest(json_transform_strict(
            json -> 'features',
            '[{"feature_code": "VARCHAR", "label_ru": "VARCHAR", "description_ru": "VARCHAR",
               "hypothesis_ru": "VARCHAR", "primary_metric_code": "VARCHAR", "randomization_unit": "VARCHAR",
               "acts_on": "VARCHAR",
               "treated_share": "DOUBLE", "aimed_portraits": ["VARCHAR"], "eligibility": "JSON",
               "cost": {"rub_per_visit": "DOUBLE", "rub_per_l": "DOUBLE", "rub_per_client_per_month": "DOUBLE",
                        "rub_per_month": "DOUBLE"},
               "adoption": {"ramp_weeks": "DOUBLE", "half_life_weeks": "DOUBLE"}}]'
        )) as feature
    from {{ source('reference', 'feature_hypotheses') }}

),

final as (

    select
        feature.feature_code,
        feature.label_ru,
        feature.description_ru,
        feature.hypothesis_ru,
        feature.primary_metric_code,
        feature.randomization_unit,
        feature.acts_on,
        feature.aimed_portraits,
        -- A list of conditions {metric_code, low, high, values}, passed on to Python as written.
        cast(feature.eligibility as varchar) as eligibility_json,
        horizon_weeks,
        feature.treated_share,
        feature.cost.rub_per_visit as cost_rub_per_visit,
        feature.cost.rub_per_l as cost_rub_per_l,
        feature.cost.rub_per_client_per_month as cost_rub_per_client_per_month,
        feature.cost.rub_per_month as cost_rub_per_month,
        feature.adoption.ramp_weeks as ramp_weeks,
        feature.adoption.half_life_weeks as half_life_weeks
    from source

)

select * from final
