select * from marts.mart_effect_dynamics
