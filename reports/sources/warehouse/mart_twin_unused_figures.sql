select * from marts.mart_twin_unused_figures
