select * from marts.mart_interest_dynamics
