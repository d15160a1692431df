select * from marts.mart_portrait_examples
