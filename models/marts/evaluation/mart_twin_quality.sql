with physical as (

    select * from {{ ref('twin_physical') }}

),

calibration as (

    select * from {{ ref('twin_calibration') }}

),

run as (

    select * from {{ ref('int_run') }}

),

final as (

    select
        physical.check_code,
        'physical' as kind,
        physical.label_ru,
        physical.population_ru,
        'число нарушений' as unit_ru,
        'устройство данных' as source,
        cast(null as varchar) as note_ru,
        cast(null as bigint) as published_year,
        physical.value,
        cast(null as double) as published_value,
        cast(null as double) as tolerance,
        cast(null as double) as sampling_error,
        cast(0 as double) as target_low,
        cast(0 as double) as target_high,
        false as is_proxy,
        false as is_input,
        physical.value = 0 as is_passed
    from physical
    cross join run
    -- Own data has no truth.
    where run.is_synthetic or not physical.needs_truth
    union all
    select
        calibration.check_code,
        'calibration' as kind,
        calibration.label_ru,
        calibration.population_ru,
        calibration.unit_ru,
        calibration.source,
        calibration.note_ru,
        cast(calibration.published_year as bigint) as published_year,
        calibration.value,
        calibration.published_value,
        calibration.tolerance,
        calibration.sampling_error,
        calibration.target_low,
        calibration.target_high,
        calibration.is_proxy,
        calibration.is_input,
        calibration.is_passed
    from calibration
    -- Calibration applies to the synthetic network only.
    inner join run
        on run.is_synthetic

)

select * from final
