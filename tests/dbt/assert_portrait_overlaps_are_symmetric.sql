-- Overlaps do not depend on the order of the portraits and do not exceed their reach.
select
    pairs.portrait_code,
    pairs.other_portrait_code
from {{ ref('mart_portrait_overlaps') }} as pairs
left join {{ ref('mart_portrait_overlaps') }} as mirrored
    on
        pairs.portrait_code = mirrored.other_portrait_code
        and pairs.other_portrait_code = mirrored.portrait_code
where
    pairs.both_count is distinct from mirrored.both_count
    or pairs.both_count > pairs.clients_count
    or (pairs.is_self and pairs.both_count <> pairs.clients_count)
