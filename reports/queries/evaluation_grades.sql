select
    grades.*,
    methods.label_ru as method,
    methods.description_ru as method_description,
    methods.sort_order as method_order
from warehouse.mart_evaluation as grades
inner join warehouse.dim_evaluation_labels as methods on methods.kind = 'method' and grades.method_code = methods.code
where grades.subject_code = 'portraits'
