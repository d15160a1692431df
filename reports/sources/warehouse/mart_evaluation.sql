select * from marts.mart_evaluation
