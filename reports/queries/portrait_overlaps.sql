-- A portrait with itself has no colour and no number: the overlap would be all of its clients.
with pairs as (
    select
        cells.label_ru as portrait,
        cells.other_label_ru as other_portrait,
        '/portraits/' || cells.portrait_code || '/' as href,
        '/portraits/' || cells.other_portrait_code || '/' as other_href,
        cells.clients_count,
        cells.both_count,
        cells.is_self,
        case when not cells.is_self then cells.overlap_share end as overlap_share,
        profiles.is_corporate_share >= 0.5 as is_corporate,
        others.is_corporate_share >= 0.5 as is_other_corporate
    from warehouse.mart_portrait_overlaps as cells
    left join warehouse.mart_portrait_profiles as profiles on cells.portrait_code = profiles.portrait_code
    left join warehouse.mart_portrait_profiles as others on cells.other_portrait_code = others.portrait_code
)

select
    *,
    case when both_count = 0 then '"·"' when overlap_share < 0.005 then '"<1 %"' else '0%' end as fmt,
    case
        when is_self then portrait || ': выполняют все критерии ' || cast(clients_count as integer)
        else
            portrait || ' → ' || other_portrait || ': '
            || cast(both_count as integer) || ' из ' || cast(clients_count as integer)
    end as note
from pairs
order by
    coalesce(is_corporate, false),
    portrait,
    coalesce(is_other_corporate, false),
    other_portrait
