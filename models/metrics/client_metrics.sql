{{ client_metrics() }}
