with checks as (

    select * from {{ ref('stg_reference__calibration') }}

),

points as (

    select * from {{ ref('stg_reference__calibration_points') }}

),

replicates as (

    select * from {{ ref('twin_replicates') }}

),

estimates as (

    select * from {{ ref('twin_estimates') }}

),

-- A published figure may cover several hours together.
stretches as (

    select
        points.curve_code,
        points.first_point,
        points.published_value,
        replicates.group_number,
        sum(replicates.value order by replicates.point_number) as value,
        sum(replicates.deviation order by replicates.point_number) as deviation
    from points
    left join replicates
        on points.curve_code = replicates.measure_code
        and replicates.point_number between points.first_point and points.last_point
    group by all

),

stretch_estimates as (

    select
        curve_code,
        first_point,
        abs(max(value) - max(published_value)) as distance,
        {{ jackknife_error('deviation', 'group_number') }} as sampling_error
    from stretches
    group by curve_code, first_point

),

curves as (

    select
        curve_code,
        -- A curve with a missing point is not measured.
        if(count(distance) = count(*), max(distance), null) as value,
        max(sampling_error) as sampling_error
    from stretch_estimates
    group by curve_code

),

measured as (

    select
        checks.check_code,
        checks.label_ru,
        checks.population_ru,
        checks.unit_ru,
        checks.source,
        checks.note_ru,
        checks.published_year,
        checks.published_value,
        checks.tolerance,
        checks.is_proxy,
        checks.is_input,
        checks.curve_code is not null as is_curve,
        if(checks.curve_code is null, estimates.value, curves.value) as value,
        coalesce(if(checks.curve_code is null, estimates.sampling_error, curves.sampling_error), 0) as sampling_error
    from checks
    left join estimates
        on checks.check_code = estimates.measure_code
    left join curves
        on checks.curve_code = curves.curve_code

),

final as (

    select
        check_code,
        label_ru,
        population_ru,
        unit_ru,
        source,
        note_ru,
        published_year,
        value,
        published_value,
        tolerance,
        if(value is null, null, sampling_error) as sampling_error,
        -- Figures are non-negative and shares are at most 1.
        greatest(published_value - tolerance - 2 * sampling_error, 0) as target_low,
        least(published_value + tolerance + 2 * sampling_error, if(unit_ru = 'доля', 1, null)) as target_high,
        is_proxy,
        is_input,
        value between published_value - tolerance - 2 * sampling_error
        and published_value + tolerance + 2 * sampling_error as is_passed
    from measured

)

select * from final
