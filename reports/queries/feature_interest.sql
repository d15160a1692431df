select
    weeks.feature_code,
    weeks.week_number::integer as week_number,
    weeks.interest_share,
    portraits.label_ru as portrait,
    'откликнулись ' || weeks.responded_count::integer || ' из ' || weeks.treated_count::integer as note
from warehouse.mart_interest_dynamics as weeks
inner join warehouse.dim_portraits as portraits using (portrait_code)
where not weeks.is_placeholder and weeks.treated_count > 0
