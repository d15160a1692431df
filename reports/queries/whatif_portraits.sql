-- Portraits without an estimate cannot be selected: they would bear part of the fixed cost for an unknown profit.
select
    coefficients.feature_code,
    coefficients.portrait_code,
    portraits.label_ru as portrait,
    coefficients.estimated_count
from warehouse.mart_whatif_coefficients as coefficients
inner join warehouse.dim_portraits as portraits on coefficients.portrait_code = portraits.portrait_code
where coefficients.estimated_count > 0
order by coefficients.feature_code, portraits.label_ru
