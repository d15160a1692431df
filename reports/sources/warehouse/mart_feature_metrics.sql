select * from marts.mart_feature_metrics
