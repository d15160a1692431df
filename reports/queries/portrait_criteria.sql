-- Each criterion in words; a value without a label is shown as in the file.
with shown as (
    select
        checks.portrait_code,
        checks.criterion_code,
        checks.kind,
        checks.allowed_values,
        case when metrics.format = '0.0%' then '%' else checks.unit_ru end as unit,
        round(checks.low * case when metrics.format = '0.0%' then 100 else 1 end, 6) as low,
        round(checks.high * case when metrics.format = '0.0%' then 100 else 1 end, 6) as high
    from warehouse.mart_portrait_checks as checks
    inner join warehouse.dim_metrics as metrics on checks.metric_code = metrics.metric_code
),

ranges as (
    select
        portrait_code,
        criterion_code,
        concat_ws(
            ' ',
            'от ' || replace(
                case when low = floor(low) then cast(cast(low as bigint) as varchar) else cast(low as varchar) end,
                '.', ','
            ),
            'до ' || replace(
                case when high = floor(high) then cast(cast(high as bigint) as varchar) else cast(high as varchar) end,
                '.', ','
            ),
            nullif(unit, '')
        ) as asked
    from shown
    where kind = 'range'
),

allowed as (
    select
        portrait_code,
        criterion_code,
        unnest(string_split(allowed_values, ',')) as code
    from shown
    where kind = 'category'
),

lists as (
    select
        allowed.portrait_code,
        allowed.criterion_code,
        string_agg(coalesce(labels.label, allowed.code), ', ' order by coalesce(labels.label, allowed.code)) as asked
    from allowed
    left join ${code_labels} as labels on allowed.code = labels.code
    group by allowed.portrait_code, allowed.criterion_code
)

select * from ranges
union all
select * from lists
