-- The browser's engine gets the values of a category as one text: lists do not survive the way there.
select
    * exclude (allowed_values, observed_values),
    array_to_string(allowed_values, ',') as allowed_values
from marts.mart_portrait_checks
