with grades as (
    select
        portrait_code,
        max(value) filter (where grade_code = 'precision') as precision_share,
        max(value) filter (where grade_code = 'recall') as recall_share
    from ${evaluation_grades}
    where scope_code = 'run' and method_code = 'twinlab' and grade_code in ('precision', 'recall')
    group by portrait_code
),

counts as (
    select
        found_code as portrait_code,
        any_value(found) as portrait,
        any_value(found_href) as href,
        any_value(found_order) as sort_order,
        sum(clients_count) filter (where is_right) as right_count,
        sum(clients_count) as found_count
    from ${evaluation_confusion}
    group by found_code
),

truth as (
    select
        portrait_code,
        any_value(true_count) as true_count
    from ${evaluation_confusion}
    group by portrait_code
)

select
    counts.*,
    truth.true_count,
    grades.precision_share,
    grades.recall_share,
    coalesce(
        2 * grades.precision_share * grades.recall_share / nullif(grades.precision_share + grades.recall_share, 0), 0
    ) as f1
from counts
inner join truth on counts.portrait_code = truth.portrait_code
left join grades on counts.portrait_code = grades.portrait_code
order by counts.sort_order
