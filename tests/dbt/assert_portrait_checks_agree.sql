-- Clients who meet the other criteria and this one meet all: the counts of each criterion give the portrait's reach.
select
    checks.portrait_code,
    checks.criterion_code,
    checks.others_satisfied_count - checks.excluded_only_count as reached_count,
    pairs.clients_count
from {{ ref('mart_portrait_checks') }} as checks
left join {{ ref('mart_portrait_overlaps') }} as pairs
    on checks.portrait_code = pairs.portrait_code and pairs.is_self
where
    checks.others_satisfied_count - checks.excluded_only_count is distinct from pairs.clients_count
    or checks.satisfied_count > checks.known_count
