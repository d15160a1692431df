select * from marts.mart_offers
