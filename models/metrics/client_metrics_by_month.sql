{{ client_metrics(by_month=true) }}
