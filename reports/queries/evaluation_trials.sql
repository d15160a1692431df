-- One row per figure of the largest repeated trials, with its labels.
select
    grades.method_code,
    methods.label_ru as method,
    methods.description_ru as method_description,
    methods.sort_order as method_order,
    grades.grade_code,
    estimates.label_ru as grade,
    estimates.sort_order as grade_order,
    grades.clients_count,
    grades.value,
    grades.low,
    grades.high
from warehouse.mart_evaluation as grades
inner join warehouse.dim_evaluation_labels as methods
    on methods.kind = 'trials' and grades.method_code = methods.code
inner join warehouse.dim_evaluation_labels as estimates
    on estimates.kind = 'grade' and grades.grade_code = estimates.code
where
    grades.subject_code = 'trials'
    and grades.clients_count = (
        select max(others.clients_count) from warehouse.mart_evaluation as others where others.subject_code = 'trials'
    )
