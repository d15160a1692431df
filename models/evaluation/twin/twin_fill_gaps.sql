{%- set longest = 30 -%}

with fills as (

    select * from {{ ref('truth_vehicle_fills') }}

),

vehicles as (

    select * from {{ ref('int_vehicles') }}

),

clients as (

    select * from {{ ref('int_clients') }}

),

labelled as (

    select
        fills.vehicle_id,
        clients.client_type,
        fills.filled_at,
        fills.is_here
    from fills
    inner join vehicles
        on fills.vehicle_id = vehicles.vehicle_id
    inner join clients
        on vehicles.client_id = clients.client_id

),

kinds as (

    select
        *,
        'all' as kind
    from labelled
    union all
    select
        *,
        'here' as kind
    from labelled
    where is_here

),

gaps as (

    select
        kind,
        client_type,
        vehicle_id,
        date_diff('second', lag(filled_at) over vehicle_fills, filled_at) / 86400.0 as gap_days
    from kinds
    window vehicle_fills as (partition by kind, vehicle_id order by filled_at)

),

-- One gap says nothing about the regularity of a vehicle.
rates as (

    select
        kind,
        client_type,
        vehicle_id,
        count(gap_days) as gaps_count,
        sum(gap_days order by gap_days) / count(gap_days) as mean_days
    from gaps
    group by kind, client_type, vehicle_id
    having count(gap_days) >= 2

),

totals as (

    select
        kind,
        client_type,
        sum(gaps_count) as gaps_count
    from rates
    group by kind, client_type

),

days as (

    select unnest(generate_series(0, {{ longest }})) as gap_number

),

observed as (

    select
        gaps.kind,
        gaps.client_type,
        least(floor(gaps.gap_days), {{ longest }}) as gap_number,
        count(*) as gaps_count
    from gaps
    inner join rates
        on gaps.kind = rates.kind
        and gaps.vehicle_id = rates.vehicle_id
    where gaps.gap_days is not null
    group by all

),

-- Each vehicle at random at its own mean rate: a mixture of exponentials, not one exponential, because the differences
-- between vehicles alone would look irregular.
random as (

    select
        rates.client_type,
        days.gap_number,
        {{ exact_sum(
            "rates.gaps_count * (exp(-days.gap_number / rates.mean_days)"
            ~ " - if(days.gap_number = " ~ longest ~ ", 0, exp(-(days.gap_number + 1) / rates.mean_days)))"
        ) }} as gaps_count
    from rates
    cross join days
    where rates.kind = 'all'
    group by all

),

final as (

    select
        totals.client_type,
        totals.kind,
        days.gap_number,
        coalesce(observed.gaps_count, 0) / totals.gaps_count as gaps_share
    from totals
    cross join days
    left join observed
        on totals.kind = observed.kind
        and totals.client_type = observed.client_type
        and days.gap_number = observed.gap_number
    union all
    select
        totals.client_type,
        'random' as kind,
        random.gap_number,
        random.gaps_count / totals.gaps_count as gaps_share
    from totals
    inner join random
        on totals.client_type = random.client_type
    where totals.kind = 'all'

)

select * from final
