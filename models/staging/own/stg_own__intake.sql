select
    cast(0 as bigint) as clients_read_count,
    cast(0 as bigint) as clients_quarantined_count,
    cast(0 as bigint) as transactions_read_count,
    cast(0 as bigint) as transactions_quarantined_count
