-- A line per way to choose clients: of the runs of `make evaluate` where there are any of the largest size, else of this
-- warehouse's own run.
select
    grades.scope_code,
    grades.clients_count,
    grades.seeds_count,
    methods.label_ru as method,
    methods.description_ru as method_description,
    methods.sort_order as method_order,
    max(grades.value) filter (where grades.grade_code = 'pehe_rub') as pehe_rub,
    max(grades.value) filter (where grades.grade_code = 'slope') as slope,
    max(grades.value) filter (where grades.grade_code = 'qini_share') as qini_share,
    max(grades.value) filter (where grades.grade_code = 'policy_rub') as policy_rub,
    max(grades.low) filter (where grades.grade_code = 'policy_rub') as policy_rub_low,
    max(grades.high) filter (where grades.grade_code = 'policy_rub') as policy_rub_high
from warehouse.mart_evaluation as grades
inner join warehouse.dim_evaluation_labels as methods on methods.kind = 'targeting' and grades.method_code = methods.code
where not grades.is_placeholder and grades.subject_code = 'targeting'
group by all
qualify
    dense_rank() over (order by case grades.scope_code when 'evaluation' then 0 else 1 end, grades.clients_count desc)
    = 1
