select * from marts.dim_metrics
