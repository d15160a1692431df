select * from marts.dim_regions
