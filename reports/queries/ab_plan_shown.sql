-- The plan of each portrait, and those of the whole feature at all effects of the curve.
select *
from ${ab_plan_results}
where is_chosen or portrait_code is null
order by weeks_needed nulls last, min_effect_ratio nulls last, portrait, effect_ratio
