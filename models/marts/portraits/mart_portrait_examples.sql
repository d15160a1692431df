{%- set compared = ['visits_per_month', 'volume_l_per_visit', 'spend_rub_per_visit', 'shop_visits_share'] -%}

with portraits as (

    select * from {{ ref('client_portraits') }}

),

-- Clients without a visit have no behaviour to show.
clients as (

    select * from {{ ref('client_profiles') }}
    where visits_count > 0 and portrait_code <> 'undefined'

),

centres as (

    select
        portrait_code,
        {%- for metric in compared %}
        median({{ metric }}) as {{ metric }},
        {{ exact_stddev(metric) }} as {{ metric }}_sd{{ ',' if not loop.last }}
        {%- endfor %}
    from clients
    group by portrait_code

),

compared as (

    select
        clients.client_id,
        clients.portrait_code,
        clients.main_fuel_grade,
        {%- for metric in compared %}
        clients.{{ metric }},
        {%- endfor %}
        portraits.confidence_prob,
        portraits.second_portrait_code,
        portraits.second_prob,
        portraits.confidence_prob - portraits.second_prob as lead_prob,
        {%- for metric in compared %}
        coalesce(
            power(
                (clients.{{ metric }} - centres.{{ metric }}) / nullif(centres.{{ metric }}_sd, 0), 2
            ), 0
        ){{ ' +' if not loop.last }}
        {%- endfor %} as distance
    from clients
    inner join portraits
        on clients.client_id = portraits.client_id
    inner join centres
        on clients.portrait_code = centres.portrait_code

),

-- Typical clients are those closest to the portrait's medians among the more confident half.
ranked as (

    select
        *,
        confidence_prob >= median(confidence_prob) over (partition by portrait_code) as is_sure,
        row_number() over (partition by portrait_code order by lead_prob, client_id) as borderline_number
    from compared

),

numbered as (

    select
        *,
        row_number() over (partition by portrait_code, is_sure order by distance, client_id) as typical_number
    from ranked

),

examples as (

    select
        *,
        'typical' as example_code,
        typical_number as example_number
    from numbered
    where is_sure and typical_number <= 5
    union all
    select
        *,
        'borderline' as example_code,
        borderline_number as example_number
    from numbered
    where borderline_number <= 5

),

final as (

    select
        portrait_code,
        example_code,
        example_number,
        client_id,
        confidence_prob,
        second_portrait_code,
        second_prob,
        visits_per_month,
        volume_l_per_visit,
        spend_rub_per_visit,
        shop_visits_share,
        main_fuel_grade
    from examples

)

select * from final
