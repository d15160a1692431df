-- Coefficients of the selected feature. In a file, because a query in a file cannot use a query of a page.
select
    plans.*,
    portraits.label_ru as portrait
from warehouse.mart_ab_planner as plans
left join warehouse.dim_portraits as portraits on plans.portrait_code = portraits.portrait_code
where
    plans.feature_code = ${inputs.ab_plan.feature_code}
    and abs(plans.power_prob - ${inputs.ab_plan.power}) < 1e-9
