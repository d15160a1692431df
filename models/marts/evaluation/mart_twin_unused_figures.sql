with figures as (

    select * from {{ ref('stg_reference__calibration_unused') }}

),

run as (

    select * from {{ ref('int_run') }}

),

final as (

    select
        cast(figures.figure_number as bigint) as figure_number,
        figures.figure_ru,
        figures.source,
        figures.reason_ru
    from figures
    inner join run
        on run.is_synthetic

)

select * from final
