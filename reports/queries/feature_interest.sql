-- Portraits ordered by their interest over all weeks.
select
    weeks.feature_code,
    weeks.week_number::integer as week_number,
    weeks.interest_share,
    portraits.label_ru as portrait,
    -- A share of fewer clients is too noisy.
    weeks.treated_count < 30 as is_small,
    sum(weeks.responded_count) over portrait_weeks / sum(weeks.treated_count) over portrait_weeks as mean_share,
    'откликнулись ' || weeks.responded_count::integer || ' из ' || weeks.treated_count::integer as note
from warehouse.mart_interest_dynamics as weeks
inner join warehouse.dim_portraits as portraits using (portrait_code)
where weeks.treated_count > 0
window portrait_weeks as (partition by weeks.feature_code, weeks.portrait_code)
