select * from marts.mart_feature_briefs
