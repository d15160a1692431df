with run_grades as (

    select
        'portraits' as subject_code,
        *
    from {{ ref('portrait_grades') }}
    union all by name
    select
        'portraits' as subject_code,
        *
    from {{ ref('migration_grades') }}
    union all by name
    select
        'targeting' as subject_code,
        method_code,
        grade_code,
        value
    from {{ ref('targeting_grades') }}
    where feature_code is null

),

kept_grades as (

    select * from {{ ref('raw_evaluation__grades') }}

),

clients as (

    select count(*) as clients_count from {{ ref('client_metrics') }}

),

knobs as (

    select max(try_cast(value_text as double)) as separation
    from {{ ref('raw_twin__parameters') }}
    where parameter_code = 'knobs.separation'

),

final as (

    select
        'run' as scope_code,
        run_grades.subject_code,
        run_grades.method_code,
        run_grades.grade_code,
        run_grades.portrait_code,
        run_grades.predicted_code,
        run_grades.bin_number,
        clients.clients_count,
        knobs.separation,
        cast(1 as bigint) as seeds_count,
        run_grades.value,
        run_grades.low,
        run_grades.high,
        cast(null as varchar) as inputs,
        cast(null as date) as evaluated_on
    from run_grades
    cross join clients
    cross join knobs
    union all
    select
        'evaluation' as scope_code,
        subject_code,
        method_code,
        grade_code,
        portrait_code,
        predicted_code,
        bin_number,
        clients_count,
        separation,
        seeds_count,
        value,
        low,
        high,
        inputs,
        evaluated_on
    from kept_grades

)

select * from final
