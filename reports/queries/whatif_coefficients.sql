-- Coefficients of the selected feature and portraits. In a file, because a query in a file cannot use a query of a
-- page.
select *
from warehouse.mart_whatif_coefficients
where
    feature_code = ${inputs.what_if.feature_code}
    and case
        when portrait_code is null then ${inputs.what_if.is_all}
        else estimated_count > 0 and (${inputs.what_if.is_all} or portrait_code in (${inputs.what_if.portraits}))
    end
