{{ config(materialized='table') }}

with experiments as (

    select * from {{ ref('stg_own__experiments_read') }}

),

features as (

    select feature_code from {{ ref('stg_reference__features') }}

),

known as (

    select
        experiments.source_client_id,
        experiments.feature_code,
        experiments.source_group_id,
        experiments.source_file,
        experiments.source_row_number,
        experiments.source_columns,
        experiments.started_on,
        experiments.cost_rub,
        experiments.is_treated,
        experiments.has_responded,
        coalesce(
            experiments.reason_code, case when features.feature_code is null then 'unknown_feature' end
        ) as row_reason_code,
        experiments.reason_ru
    from experiments
    left join features
        on experiments.feature_code = features.feature_code

),

-- What was randomised shows only in the rows together; a row that is rejected by itself says nothing of it.
features_by_group as (

    select
        feature_code,
        count(source_group_id) > 0 as is_by_group
    from known
    where row_reason_code is null
    group by feature_code

),

mixed_groups as (

    select
        feature_code,
        source_group_id
    from known
    where row_reason_code is null and source_group_id is not null
    group by feature_code, source_group_id
    having bool_or(is_treated) and not bool_and(is_treated)

),

judged as (

    select
        known.*,
        case
            when known.row_reason_code is not null then known.row_reason_code
            when known.source_group_id is null and features_by_group.is_by_group then 'missing_group'
            when mixed_groups.source_group_id is not null then 'mixed_group'
        end as reason_code
    from known
    left join features_by_group
        on known.feature_code = features_by_group.feature_code
    left join mixed_groups
        on known.feature_code = mixed_groups.feature_code
        and known.source_group_id = mixed_groups.source_group_id

),

final as (

    select
        {{ id_number('source_client_id') }} as client_id,
        source_client_id,
        feature_code,
        {{ id_number('source_group_id') }} as group_id,
        source_file,
        source_row_number,
        source_columns,
        started_on,
        cost_rub,
        is_treated,
        has_responded,
        reason_code,
        case reason_code
            when 'unknown_feature' then 'Фичи «' || feature_code || '» нет в feature_hypotheses.json'
            when 'missing_group'
                then 'Нет group_id, а у других клиентов фичи «' || feature_code || '» она есть'
            when 'mixed_group'
                then 'Группа «' || source_group_id || '» фичи «' || feature_code
                    || '» есть и среди тех, кому предложили, и среди контрольных'
            else reason_ru
        end as reason_ru
    from judged

)

select * from final
