{{ client_home_stations() }}
