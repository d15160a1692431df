{{ config(materialized='table') }}

{%- set flags = ['has_cafe', 'has_wash'] %}

with stations as (

    select * from {{ ref('raw_own__stations') }}

),

typed as (

    select
        {{ id_number('station_id') }} as station_id,
        station_id as source_station_id,
        region_code,
        label_ru,
        source_file,
        source_row_number,
        source_columns,
        is_malformed,
        {%- for name in flags %}
        {{ name }} as {{ name }}_text,
        {{ text_flag(name) }} as {{ name }},
        {%- endfor %}
        min(source_row_number) over (partition by station_id) as first_row_number
    from stations

),

judged as (

    select
        *,
        coalesce(
            {%- for name in flags %}
            case when {{ name }} is null then '{{ name }} «' || {{ name }}_text || '»' end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as bad_flag,
        case
            when is_malformed then 'malformed_row'
            when source_station_id is null then 'missing_id'
            when source_row_number > first_row_number then 'duplicate_id'
            when bad_flag is not null then 'bad_flag'
        end as reason_code
    from typed

),

final as (

    select
        station_id,
        source_station_id,
        region_code,
        label_ru,
        has_cafe,
        has_wash,
        source_file,
        source_row_number,
        source_columns,
        reason_code,
        case reason_code
            when 'malformed_row' then 'В строке больше или меньше полей, чем в заголовке'
            when 'missing_id' then 'Нет station_id'
            when 'duplicate_id' then 'station_id «' || source_station_id || '» уже есть в строке ' || first_row_number
            when 'bad_flag' then bad_flag || ': допустимо true, false, 1, 0, да, нет'
        end as reason_ru
    from judged

)

select * from final
