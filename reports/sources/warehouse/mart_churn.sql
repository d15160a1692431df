select * from marts.mart_churn
