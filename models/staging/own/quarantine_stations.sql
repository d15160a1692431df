{{ config(schema='quarantine', alias='stations', materialized='table') }}

select
    source_columns,
    reason_code,
    reason_ru,
    source_file as file,
    source_row_number as row_number
from {{ ref('stg_own__stations_checked') }}
where reason_code is not null
order by source_row_number
