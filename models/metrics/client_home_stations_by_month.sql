{{ client_home_stations(by_month=true) }}
