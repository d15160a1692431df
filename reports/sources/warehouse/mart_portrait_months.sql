-- May be empty (own data, a short history), and a source without rows breaks every page: one empty row always goes along, marked.
select mart.*, false as is_placeholder
from marts.mart_portrait_months as mart
union all
select mart.*, true as is_placeholder
from (select 1) as one
left join marts.mart_portrait_months as mart on false
