-- Every pair of true and predicted portrait, including those that do not occur: portraits of private clients first,
-- then of companies, so that errors within a client type are near the diagonal.
with pairs as (
    select
        portrait_code,
        predicted_code,
        value as clients_count
    from ${evaluation_grades}
    where scope_code = 'run' and method_code = 'twinlab' and grade_code = 'clients_count'
),

totals as (
    select
        portrait_code,
        sum(clients_count) as true_count
    from pairs
    group by portrait_code
),

codes as (
    select portrait_code from pairs
    union
    select predicted_code from pairs
    union
    select 'undefined' from pairs
),

portraits as (
    select
        codes.portrait_code,
        labels.label_ru,
        totals.true_count,
        case when profiles.clients_count > 0 then '/portraits/' || codes.portrait_code || '/' end as href,
        row_number() over (
            order by
                codes.portrait_code = 'undefined',
                coalesce(profiles.is_corporate_share >= 0.5, false),
                totals.true_count desc nulls last,
                labels.label_ru
        ) as sort_order
    from codes
    inner join warehouse.dim_portraits as labels on codes.portrait_code = labels.portrait_code
    left join warehouse.mart_portrait_profiles as profiles on codes.portrait_code = profiles.portrait_code
    left join totals on codes.portrait_code = totals.portrait_code
)

select
    true_portraits.portrait_code,
    found.portrait_code as found_code,
    true_portraits.label_ru as portrait,
    found.label_ru as found,
    true_portraits.href as portrait_href,
    found.href as found_href,
    true_portraits.sort_order,
    found.sort_order as found_order,
    true_portraits.portrait_code = found.portrait_code as is_right,
    coalesce(pairs.clients_count, 0) as clients_count,
    true_portraits.true_count,
    coalesce(pairs.clients_count, 0) / true_portraits.true_count as true_share,
    case
        when pairs.clients_count is null then '"·"'
        when pairs.clients_count < 0.005 * true_portraits.true_count then '"<1 %"'
        else '0%'
    end as fmt,
    true_portraits.label_ru || ' → ' || found.label_ru || ': клиентов '
    || cast(coalesce(pairs.clients_count, 0) as integer) || ' из ' || cast(true_portraits.true_count as integer) as note
from portraits as true_portraits
cross join portraits as found
left join pairs
    on true_portraits.portrait_code = pairs.portrait_code and found.portrait_code = pairs.predicted_code
where true_portraits.true_count > 0
order by true_portraits.sort_order, found.sort_order
