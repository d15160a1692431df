-- The browser's engine gets the aimed portraits as one text: lists do not survive the way there.
select
    * exclude (aimed_portraits),
    array_to_string(aimed_portraits, ',') as aimed_portraits
from marts.dim_features
