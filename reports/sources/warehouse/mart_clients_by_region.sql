select * from marts.mart_clients_by_region
