{{ config(schema='quarantine', alias='experiments', materialized='table') }}

with experiments as (

    select * from {{ ref('stg_own__experiments_judged') }}
    where reason_code is not null

),

final as (

    select
        source_columns,
        reason_code,
        case reason_code
            when 'malformed_row' then {{ malformed_row_ru() }}
            when 'missing_id'
                then case when source_client_id is null then 'Нет client_id' else 'Нет feature_code' end
            when 'duplicate_id'
                then 'Клиент «' || source_client_id || '» с фичей «' || feature_code || '» уже есть в строке '
                    || first_row_number
            when 'unknown_client' then {{ unknown_client_ru() }}
            when 'bad_flag' then {{ bad_flag_ru() }}
            when 'bad_date' then {{ bad_date_ru('started_on', 'started_on_text') }}
            when 'before_history'
                then 'Пилот начат ' || started_on || ', а визиты известны с ' || first_day_on
                    || ': о клиенте до пилота не известно ничего'
            when 'after_history' then 'Пилот начат ' || started_on || ', а визиты кончаются ' || last_day_on
            when 'before_registration' then 'Пилот начат ' || started_on || ', раньше регистрации ' || registered_on
            when 'bad_number'
                then bad_column || ' «' || bad_text || '»: нужно число от 0 и меньше 1 000 000 000'
            when 'unknown_feature' then 'Фичи «' || feature_code || '» нет в feature_hypotheses.json'
            when 'missing_group'
                then 'Нет group_id, а у других клиентов фичи «' || feature_code || '» она есть'
            when 'mixed_group'
                then 'Группа «' || source_group_id || '» фичи «' || feature_code
                    || '» есть и среди тех, кому предложили, и среди контрольных'
        end as reason_ru,
        source_file as file,
        source_row_number as row_number
    from experiments

)

select * from final
order by row_number
