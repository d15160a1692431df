select * from marts.mart_feature_portrait_metrics
