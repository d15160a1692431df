{{ config(schema='quarantine', alias='experiments', materialized='table') }}

select
    source_columns,
    reason_code,
    reason_ru,
    source_file as file,
    source_row_number as row_number
from {{ ref('stg_own__experiments_checked') }}
where reason_code is not null
order by source_row_number
