select * from marts.run_info
