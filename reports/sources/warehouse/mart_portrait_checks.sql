-- The values of a category as one text, because lists do not survive the export to the browser.
select
    * exclude (allowed_values, observed_values),
    array_to_string(allowed_values, ',') as allowed_values
from marts.mart_portrait_checks
