-- Empty for own data, and a source without rows breaks every page: one empty row always goes along, marked. A column of
-- nulls would lose its type on the way to the browser, so the moment of that row is any.
select mart.*, false as is_placeholder
from marts.mart_twin_curves as mart
union all
select mart.* replace (timestamp '2000-01-01' as point_at), true as is_placeholder
from (select 1) as one
left join marts.mart_twin_curves as mart on false
