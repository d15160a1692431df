select * from marts.dim_evaluation_labels
