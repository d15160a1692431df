select
    examples.*,
    coalesce(runners_up.label_ru, '—') as second_portrait,
    coalesce(grades.label, examples.main_fuel_grade) as fuel_grade
from warehouse.mart_portrait_examples as examples
left join warehouse.dim_portraits as runners_up on examples.second_portrait_code = runners_up.portrait_code
left join ${code_labels} as grades on examples.main_fuel_grade = grades.code
