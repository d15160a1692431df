select * from warehouse.mart_twin_curves
