select * from marts.mart_week_profile
