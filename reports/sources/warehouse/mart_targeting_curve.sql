select * from marts.mart_targeting_curve
