{{ config(schema='quarantine', alias='clients', materialized='table') }}

with clients as (

    select * from {{ ref('stg_own__clients_judged') }}
    where reason_code is not null

),

final as (

    select
        source_columns,
        reason_code,
        case reason_code
            when 'malformed_row' then {{ malformed_row_ru() }}
            when 'missing_id' then 'Нет client_id'
            when 'duplicate_id' then {{ duplicate_id_ru('client_id', 'source_client_id') }}
            when 'unknown_client_type' then {{ unknown_code_ru('client_type', 'client_type', client_types()) }}
            when 'bad_date' then {{ bad_date_ru('registered_on', 'registered_on_text') }}
            when 'bad_flag' then {{ bad_flag_ru() }}
            when 'unknown_grade' then {{ unknown_code_ru('main_fuel_grade', 'main_fuel_grade', fuel_grades()) }}
            when 'bad_number'
                then bad_column || ' «' || bad_text || '»: нужно число больше 0 и не больше 1 000 000'
        end as reason_ru,
        source_file as file,
        source_row_number as row_number
    from clients

)

select * from final
order by row_number
