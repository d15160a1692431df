with participants as (

    select
        *,
        cast(started_on - interval 1 day as date) as as_of_on
    from {{ ref('stg_own__experiments') }}

),

horizons as (

    select
        feature_code,
        horizon_weeks
    from {{ ref('pilot_horizons') }}

),

metrics as (

    select * from {{ ref('pilot_metrics') }}

),

portraits as (

    select * from {{ ref('pilot_portraits') }}

),

visits as (

    select * from {{ ref('int_visits') }}

),

costs as (

    select
        feature_code,
        coalesce(cost_rub_per_visit, 0) as rub_per_visit,
        coalesce(cost_rub_per_l, 0) as rub_per_l,
        coalesce(cost_rub_per_client_per_month, 0) as rub_per_client_per_month
    from {{ ref('stg_reference__features') }}

),

bought as (

    select
        participants.client_id,
        participants.feature_code,
        count(*) as visits_count,
        cast(sum(visits.volume_l) as double) as volume_l,
        cast(sum(visits.total_amount_rub) as double) as revenue_rub,
        cast(sum(visits.shop_amount_rub) as double) as shop_amount_rub,
        cast(sum(visits.margin_rub) as double) as margin_rub
    from participants
    inner join horizons
        on participants.feature_code = horizons.feature_code
    inner join visits
        on
            participants.client_id = visits.client_id
            and participants.started_on <= cast(visits.occurred_at as date)
            and date_diff('day', participants.started_on, cast(visits.occurred_at as date)) < 7 * horizons.horizon_weeks
    group by participants.client_id, participants.feature_code

),

measured as (

    select
        participants.*,
        horizons.horizon_weeks,
        coalesce(bought.visits_count, 0) as visits_count,
        coalesce(bought.volume_l, 0) as volume_l,
        coalesce(bought.revenue_rub, 0) as revenue_rub,
        coalesce(bought.shop_amount_rub, 0) as shop_amount_rub,
        -- A client without visits has a margin of 0, but where the margin of others is unknown there is no comparison.
        case
            when bool_or(bought.visits_count > 0 and bought.margin_rub is null)
                    over (partition by participants.feature_code)
                then null
            else coalesce(bought.margin_rub, 0)
        end as margin_rub
    from participants
    inner join horizons
        on participants.feature_code = horizons.feature_code
    left join bought
        on participants.client_id = bought.client_id
        and participants.feature_code = bought.feature_code

),

final as (

    select
        measured.client_id,
        measured.feature_code,
        measured.started_on,
        -- A client registered on the day of the start had no portrait before it.
        coalesce(portraits.portrait_code, 'undefined') as portrait_code,
        metrics.vehicles_count,
        measured.is_treated,
        measured.group_id,
        measured.has_responded,
        measured.visits_count,
        measured.volume_l,
        measured.revenue_rub,
        measured.shop_amount_rub,
        measured.margin_rub,
        coalesce(
            measured.cost_rub,
            case
                when measured.is_treated
                    then
                        costs.rub_per_visit * measured.visits_count
                        + costs.rub_per_l * measured.volume_l
                        + costs.rub_per_client_per_month * measured.horizon_weeks * 7 / {{ var('month_days') }}
                else 0
            end
        ) as cost_rub,
        {%- for metric in ['visits', 'volume_l', 'spend_rub', 'margin_rub', 'shop_rub'] %}
        case
            when metrics.has_pre_period then metrics.{{ metric }}_per_month
        end as pre_{{ metric | replace('spend_rub', 'revenue_rub') }}_per_month{{ ',' if not loop.last }}
        {%- endfor %}
    from measured
    inner join costs
        on measured.feature_code = costs.feature_code
    left join metrics
        on measured.client_id = metrics.client_id
        and measured.as_of_on = metrics.as_of_on
    left join portraits
        on measured.client_id = portraits.client_id
        and measured.as_of_on = portraits.as_of_on

)

select * from final
