with experiments as (

    select * from {{ ref('raw_own__experiments') }}

),

final as (

    select
        {{ id_number('client_id') }} as client_id,
        client_id as source_client_id,
        lower(feature_code) as feature_code,
        {{ id_number('group_id') }} as group_id,
        group_id as source_group_id,
        {%- for name in own_numbers('experiments') %}
        {{ name }} as {{ name }}_text,
        {{ text_number(name) }} as {{ name }},
        {%- endfor %}
        {%- for name in own_flags('experiments') %}
        {{ name }} as {{ name }}_text,
        {{ text_flag(name) }} as {{ name }},
        {%- endfor %}
        started_on as started_on_text,
        {{ text_date('started_on') }} as started_on,
        source_file,
        source_row_number,
        source_columns,
        min(source_row_number) over (partition by client_id, lower(feature_code)) as first_row_number,
        is_malformed
    from experiments

)

select * from final
