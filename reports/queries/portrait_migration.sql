-- Moves from status to status over all months: shares of the clients with the first status at the end of a month,
-- averaged over the months with those clients as weights. For unregistered clients, shares of the newcomers.
with flows as (
    select
        from_portrait_code as from_code,
        to_portrait_code as to_code,
        cast(sum(clients_count) as double) as clients_count
    from warehouse.mart_portrait_migration
    group by from_portrait_code, to_portrait_code
),

totals as (
    select
        from_code,
        sum(clients_count) as from_count
    from flows
    group by from_code
),

period as (
    select count(distinct month_end_on) as months_count from warehouse.mart_portrait_migration
),

labels as (
    select
        from_portrait_code as status_code,
        from_label_ru as status
    from warehouse.mart_portrait_migration
    union
    select
        to_portrait_code,
        to_label_ru
    from warehouse.mart_portrait_migration
),

-- Portraits of private clients first, then of companies; statuses that are not portraits last.
known as (
    select
        labels.status_code,
        labels.status,
        case when profiles.clients_count > 0 then '/portraits/' || labels.status_code || '/' end as href,
        row_number() over (
            order by
                labels.status_code = 'unregistered',
                profiles.portrait_code is null,
                labels.status_code = 'undefined',
                coalesce(profiles.is_corporate_share >= 0.5, false),
                profiles.clients_count desc nulls last,
                labels.status
        ) as sort_order
    from labels
    left join warehouse.mart_portrait_profiles as profiles on labels.status_code = profiles.portrait_code
),

pairs as (
    select
        sources.status_code as from_code,
        targets.status_code as to_code,
        sources.status as from_status,
        targets.status as to_status,
        sources.href as from_href,
        targets.href as to_href,
        sources.sort_order as from_order,
        targets.sort_order as to_order,
        sources.status_code = targets.status_code as is_stay,
        period.months_count,
        totals.from_count,
        coalesce(flows.clients_count, 0) as clients_count
    from known as sources
    inner join totals on sources.status_code = totals.from_code
    -- No client becomes unregistered.
    inner join known as targets on targets.status_code <> 'unregistered'
    cross join period
    left join flows on sources.status_code = flows.from_code and targets.status_code = flows.to_code
)

select
    *,
    clients_count / from_count as moved_share,
    -- Stays dominate a row: coloured, they would leave no contrast for the moves.
    case when not is_stay then clients_count / from_count end as colour_share,
    clients_count / months_count as clients_per_month,
    case
        when clients_count = 0 then '"·"'
        when clients_count / from_count < 0.0005 then '"<0,1 %"'
        else '0.0%'
    end as fmt,
    from_status || ' → ' || to_status || ': '
    || cast(clients_count as integer) || ' из ' || cast(from_count as integer) as note
from pairs
order by from_order, to_order
