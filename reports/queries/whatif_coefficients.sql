-- The rows of the feature and the portraits that are aimed at. A file, as a query of a file may name no query of the page.
select *
from warehouse.mart_whatif_coefficients
where
    feature_code = ${inputs.what_if.feature_code}
    and case
        when portrait_code is null then ${inputs.what_if.is_all}
        else estimated_count > 0 and (${inputs.what_if.is_all} or portrait_code in (${inputs.what_if.portraits}))
    end
