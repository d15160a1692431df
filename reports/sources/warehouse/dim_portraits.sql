select * from marts.dim_portraits
