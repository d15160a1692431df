with clients as (

    select * from {{ ref('int_clients') }}
    where client_type = 'corporate'

),

run as (

    select * from {{ ref('int_run') }}

),

visits as (

    select
        client_id,
        count(*) as visits_count
    from {{ ref('int_visits') }}
    where client_id is not null
    group by client_id

),

threshold as (

    select threshold as largest_share
    from {{ ref('stg_reference__calibration') }}
    where check_code = 'corporate_concentration'

),

ranked as (

    select
        clients.client_id,
        coalesce(visits.visits_count, 0) as visits_count,
        row_number() over (order by coalesce(visits.visits_count, 0) desc, clients.client_id) as rank_number,
        count(*) over () * threshold.largest_share as largest_count,
        threshold.largest_share
    from clients
    cross join threshold
    inner join run
        on run.is_synthetic
    left join visits
        on clients.client_id = visits.client_id

),

-- The borderline client counts fractionally, so that the largest are exactly the published share of the clients.
borderline as (

    select
        client_id,
        visits_count,
        largest_share,
        least(greatest(largest_count - rank_number + 1, 0), 1) as largest_part,
        max(visits_count) filter (where rank_number >= largest_count) over () as border_count
    from ranked

),

final as (

    select
        client_id % {{ error_groups() }} as group_number,
        sum(visits_count) as visits_count,
        -- Centred on border_count: the total is the same, and omitting a group then gives the right replicate, in which
        -- the next clients move up into the largest.
        sum((visits_count - border_count) * largest_part + border_count * largest_share order by client_id)
            as largest_visits_count
    from borderline
    group by all

)

select * from final
