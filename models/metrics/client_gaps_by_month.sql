{{ client_gaps(by_month=true) }}
