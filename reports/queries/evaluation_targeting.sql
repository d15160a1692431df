-- One row per targeting policy: from the largest runs of `make evaluate` if there are any, otherwise from this
-- warehouse's own run.
with known as (
    select
        *,
        dense_rank() over (
            order by case scope_code when 'evaluation' then 0 else 1 end, clients_count desc
        ) as preference
    from warehouse.mart_evaluation
    where subject_code = 'targeting'
)

select
    case grades.scope_code
        when 'evaluation'
            then 'Средние по сетям с разными зёрнами: ' || cast(grades.seeds_count as integer) || ', клиентов в каждой '
        else 'Этот прогон, клиентов '
    end as scope,
    grades.clients_count,
    grades.scope_code = 'evaluation' as is_of_many,
    methods.label_ru as method,
    methods.description_ru as method_description,
    methods.sort_order as method_order,
    max(grades.value) filter (where grades.grade_code = 'pehe_rub') as pehe_rub,
    max(grades.value) filter (where grades.grade_code = 'slope') as slope,
    max(grades.value) filter (where grades.grade_code = 'qini_share') as qini_share,
    max(grades.value) filter (where grades.grade_code = 'policy_rub') as policy_rub,
    max(grades.low) filter (where grades.grade_code = 'policy_rub') as policy_rub_low,
    max(grades.high) filter (where grades.grade_code = 'policy_rub') as policy_rub_high
from known as grades
inner join warehouse.dim_evaluation_labels as methods
    on methods.kind = 'targeting' and grades.method_code = methods.code
where grades.preference = 1
group by all
