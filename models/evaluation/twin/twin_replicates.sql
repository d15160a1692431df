with sums as (

    select * from {{ ref('twin_sums') }}

),

totals as (

    select
        measure_code,
        point_number,
        sum(numerator order by group_number) as numerator,
        sum(denominator order by group_number) as denominator
    from sums
    group by measure_code, point_number

),

final as (

    select
        sums.measure_code,
        sums.point_number,
        sums.group_number,
        {{ ratio('totals.numerator', 'totals.denominator') }} as value,
        {{ ratio('totals.numerator - sums.numerator', 'totals.denominator - sums.denominator') }}
        - {{ ratio('totals.numerator', 'totals.denominator') }} as deviation
    from sums
    inner join totals
        on sums.measure_code = totals.measure_code
        and sums.point_number = totals.point_number

)

select * from final
