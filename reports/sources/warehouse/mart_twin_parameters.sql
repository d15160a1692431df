select * from marts.mart_twin_parameters
