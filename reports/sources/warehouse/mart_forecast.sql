select * from marts.mart_forecast
