-- The aimed portraits as one text, because lists do not survive the export to the browser.
select
    * exclude (aimed_portraits),
    array_to_string(aimed_portraits, ',') as aimed_portraits
from marts.dim_features
