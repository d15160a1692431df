-- Portraits ordered by their interest over all weeks.
select
    weeks.feature_code,
    cast(weeks.week_number as integer) as week_number,
    weeks.interest_share,
    portraits.label_ru as portrait,
    -- A share of fewer clients is too noisy.
    weeks.treated_count < 30 as is_small,
    sum(weeks.responded_count) over portrait_weeks / sum(weeks.treated_count) over portrait_weeks as mean_share,
    'откликнулись ' || cast(weeks.responded_count as integer) || ' из ' || cast(weeks.treated_count as integer) as note
from warehouse.mart_interest_dynamics as weeks
inner join warehouse.dim_portraits as portraits on weeks.portrait_code = portraits.portrait_code
where weeks.treated_count > 0
window portrait_weeks as (partition by weeks.feature_code, weeks.portrait_code)
