-- The reader's settings, and further effects for the curve, closer together where it is steep. The comment inside
-- identifies the settings of a result.
select
    ${inputs.ab_plan.feature_code} as feature_code, /* settings: ${inputs.ab_plan.state} */
    range / cast(1000 as double) as effect_ratio,
    range = round(1000 * ${inputs.ab_plan.effect}) as has_portraits,
    cast(${inputs.ab_plan.control} as double) as control_share,
    cast(${inputs.ab_plan.weeks} as double) as trial_weeks
from range(1, 601)
where
    range < 20
    or (range < 50 and range % 2 = 0)
    or (range < 100 and range % 5 = 0)
    or range % 10 = 0
    or range = round(1000 * ${inputs.ab_plan.effect})
