with clients as (

    select * from {{ ref('raw_own__clients') }}

),

final as (

    select
        {{ id_number('client_id') }} as client_id,
        client_id as source_client_id,
        lower(client_type) as client_type,
        region_code,
        lower(main_fuel_grade) as main_fuel_grade,
        currency_code,
        cast(rub_per_unit as double) as rub_per_unit,
        {%- for name in own_numbers('clients') %}
        {{ name }} as {{ name }}_text,
        {{ text_number(name) }} as {{ name }},
        {%- endfor %}
        {%- for name in own_flags('clients') %}
        {{ name }} as {{ name }}_text,
        {{ text_flag(name) }} as {{ name }},
        {%- endfor %}
        registered_on as registered_on_text,
        {{ text_date('registered_on') }} as registered_on,
        source_file,
        source_row_number,
        source_columns,
        min(source_row_number) over (partition by client_id) as first_row_number,
        is_malformed
    from clients

)

select * from final
