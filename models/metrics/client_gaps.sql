{{ client_gaps() }}
