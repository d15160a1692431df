{{ config(materialized='table') }}

{#- What can be judged without the features: the days of the client metrics come from here, and they do not change with
   data/reference/feature_hypotheses.json. -#}

{%- set flags = ['is_treated', 'has_responded'] %}

with experiments as (

    select * from {{ ref('raw_own__experiments') }}

),

clients as (

    select
        source_client_id,
        registered_on
    from {{ ref('stg_own__clients') }}

),

history as (

    select
        min(cast(occurred_at as date)) as first_day_on,
        max(cast(occurred_at as date)) as last_day_on
    from {{ ref('stg_own__transactions') }}

),

typed as (

    select
        experiments.client_id as source_client_id,
        lower(experiments.feature_code) as feature_code,
        experiments.group_id as source_group_id,
        experiments.started_on as started_on_text,
        experiments.cost_rub as cost_rub_text,
        experiments.source_file,
        experiments.source_row_number,
        experiments.source_columns,
        experiments.is_malformed,
        {{ text_date('experiments.started_on') }} as started_on,
        {{ text_number('experiments.cost_rub') }} as cost_rub,
        {%- for name in flags %}
        experiments.{{ name }} as {{ name }}_text,
        {{ text_flag('experiments.' ~ name) }} as {{ name }},
        {%- endfor %}
        clients.source_client_id is not null as is_known_client,
        clients.registered_on,
        history.first_day_on,
        history.last_day_on,
        min(experiments.source_row_number)
            over (partition by experiments.client_id, lower(experiments.feature_code)) as first_row_number
    from experiments
    left join clients
        on experiments.client_id = clients.source_client_id
    cross join history

),

judged as (

    select
        *,
        case
            when is_malformed then 'malformed_row'
            when source_client_id is null or feature_code is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when not is_known_client then 'unknown_client'
            when is_treated is null or (has_responded_text is not null and has_responded is null) then 'bad_flag'
            when coalesce(year(started_on) not between 1990 and 2099, true) then 'bad_date'
            when started_on <= first_day_on then 'before_history'
            when started_on > last_day_on then 'after_history'
            when started_on < registered_on then 'before_registration'
            when cost_rub_text is not null and coalesce(cost_rub < 0 or cost_rub >= 1000000000, true) then 'bad_number'
        end as reason_code
    from typed

),

final as (

    select
        source_client_id,
        feature_code,
        source_group_id,
        source_file,
        source_row_number,
        source_columns,
        started_on,
        cost_rub,
        is_treated,
        has_responded,
        reason_code,
        case reason_code
            when 'malformed_row' then 'В строке больше или меньше полей, чем в заголовке'
            when 'missing_id'
                then case when source_client_id is null then 'Нет client_id' else 'Нет feature_code' end
            when 'duplicate_id'
                then 'Клиент «' || source_client_id || '» с фичей «' || feature_code || '» уже есть в строке '
                    || first_row_number
            when 'unknown_client'
                then 'Клиента «' || source_client_id || '» нет в файле клиентов или его строка в карантине'
            when 'bad_flag'
                then case
                    when is_treated is null then 'is_treated ' || coalesce('«' || is_treated_text || '»', '(пусто)')
                    else 'has_responded «' || has_responded_text || '»'
                end || ': допустимо true, false, 1, 0, да, нет'
            when 'bad_date'
                then 'started_on ' || coalesce('«' || started_on_text || '»', '(пусто)')
                    || ' — не дата; допустимо 2025-03-31 или 31.03.2025'
            when 'before_history'
                then 'Пилот начат ' || started_on || ', а визиты известны с ' || first_day_on
                    || ': о клиенте до пилота не известно ничего'
            when 'after_history' then 'Пилот начат ' || started_on || ', а визиты кончаются ' || last_day_on
            when 'before_registration' then 'Пилот начат ' || started_on || ', раньше регистрации ' || registered_on
            when 'bad_number' then 'cost_rub «' || cost_rub_text || '»: нужно число от 0 и меньше 1 000 000 000'
        end as reason_ru
    from judged

)

select * from final
