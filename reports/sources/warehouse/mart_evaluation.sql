-- Empty for own data, and a source without rows breaks every page: one empty row always goes along, marked. A column of
-- nulls would lose its type on the way to the browser, so the day of that row is any.
select mart.*, false as is_placeholder
from marts.mart_evaluation as mart
union all
select mart.* replace (date '2000-01-01' as evaluated_on), true as is_placeholder
from (select 1) as one
left join marts.mart_evaluation as mart on false
