{{ config(materialized='table') }}

with experiments as (

    select * from {{ ref('stg_own__experiments_judged_alone') }}

),

features as (

    select feature_code from {{ ref('stg_reference__features') }}

),

known as (

    select
        *,
        coalesce(
            reason_code,
            case when feature_code not in (select feature_code from features) then 'unknown_feature' end
        ) as row_reason_code
    from experiments

),

-- The unit of randomisation shows only across rows; rows already rejected do not count.
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

final as (

    select
        known.client_id,
        known.source_client_id,
        known.feature_code,
        known.group_id,
        known.source_group_id,
        known.source_file,
        known.source_row_number,
        known.source_columns,
        known.started_on,
        known.cost_rub,
        known.is_treated,
        known.has_responded,
        case
            when known.row_reason_code is not null then known.row_reason_code
            when known.source_group_id is null and features_by_group.is_by_group then 'missing_group'
            when mixed_groups.source_group_id is not null then 'mixed_group'
        end as reason_code,
        known.bad_column,
        known.bad_text,
        known.started_on_text,
        known.first_row_number,
        known.first_day_on,
        known.last_day_on,
        known.registered_on
    from known
    left join features_by_group
        on known.feature_code = features_by_group.feature_code
    left join mixed_groups
        on known.feature_code = mixed_groups.feature_code
        and known.source_group_id = mixed_groups.source_group_id

)

select * from final
