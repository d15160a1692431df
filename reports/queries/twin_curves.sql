select * from warehouse.mart_twin_curves where not is_placeholder
