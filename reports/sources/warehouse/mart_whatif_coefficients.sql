select * from marts.mart_whatif_coefficients
