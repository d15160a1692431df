{{ config(materialized='table') }}

with own as (

    select
        min(cast(occurred_at as date)) as period_start,
        max(cast(occurred_at as date)) as period_end
    from {{ ref('stg_own__transactions') }}

),

period as (

    select
        {%- if var('source') == 'synthetic' %}
        true as is_synthetic,
        cast('{{ var("period_start") }}' as date) as period_start,
        cast(
            cast('{{ var("period_start") }}' as date) + to_months({{ var('months') | int }}) - interval 1 day as date
        ) as period_end
        {%- else %}
        false as is_synthetic,
        period_start,
        period_end
        {%- endif %}
    from own

),

-- A history shorter than the window is all there is.
windowed as (

    select
        *,
        greatest(period_start, {{ window_start('period_end') }}) as window_start
    from period

),

final as (

    select
        is_synthetic,
        period_start,
        period_end,
        window_start,
        date_diff('day', window_start, period_end) + 1 as window_days
    from windowed

)

select * from final
