-- What the reader has set, and other effects for the curve, closer to each other where it is steep; the comment in it tells
-- which settings a result is of.
with effects as (

    select range as permille from range(1, 20)
    union
    select range as permille from range(20, 50, 2)
    union
    select range as permille from range(50, 100, 5)
    union
    select range as permille from range(100, 601, 10)
    union
    select round(1000 * ${inputs.ab_plan.effect})::bigint as permille

)

select
    ${inputs.ab_plan.feature_code} as feature_code, /* settings: ${inputs.ab_plan.state} */
    permille / 1000::double as effect_ratio,
    permille = round(1000 * ${inputs.ab_plan.effect}) as is_chosen,
    ${inputs.ab_plan.control}::double as control_share,
    ${inputs.ab_plan.weeks}::double as trial_weeks
from effects
