-- Next steps by rules. A feature that works in an experiment, with the interval of its profit above zero, is launched;
-- it is offered to a part of its clients if only their interval is above zero, and dropped if the interval is below
-- zero. A feature with a positive profit but neither of these goes into a pilot: of many intervals one is above zero by
-- chance. The portraits to retain are the one with the highest churn probability and then those with the most spend at
-- risk.
with best_portraits as (
    select
        feature_code,
        portrait,
        portrait_href,
        row_number() over (partition by feature_code order by profit_rub_per_month desc, portrait) as rank_number
    from ${feature_portraits}
    where eligible_count > 0 and profit_rub_per_month_low > 0
),

chosen as (
    select
        feature_code,
        targeted_share,
        targeted_count,
        profit_rub_per_month,
        profit_rub_per_month_low,
        profit_rub_per_month_high
    from warehouse.mart_targeting_curve
    where
        policy_code = 'uplift'
        and is_recommended
        and targeted_share > 0
        and targeted_share < 1
        and profit_rub_per_month_low > 0
),

judged as (
    select
        features.feature_code as code,
        features.feature as name,
        features.href,
        features.basis_code,
        features.eligible_count as clients_count,
        features.profit_rub_per_month as value,
        features.profit_rub_per_month_low as low,
        features.profit_rub_per_month_high as high,
        chosen.targeted_share as part_share,
        chosen.targeted_count as part_count,
        chosen.profit_rub_per_month as part_value,
        chosen.profit_rub_per_month_low as part_low,
        chosen.profit_rub_per_month_high as part_high,
        best_portraits.portrait as other_name,
        best_portraits.portrait_href as other_href,
        cast(null as double) as spend_rub_per_month,
        features.verdict_code = 'works' as is_proven,
        features.verdict as advice,
        features.profit_rub_per_month as priority,
        case
            when
                features.basis_code = 'experiment'
                and features.verdict_code = 'works'
                and features.profit_rub_per_month_low > 0
                then 'launch'
            when
                features.basis_code = 'experiment'
                and chosen.feature_code is not null
                and not coalesce(features.profit_rub_per_month_low > 0, false)
                then 'target'
            when features.basis_code = 'experiment' and features.profit_rub_per_month_high < 0 then 'stop'
            when features.profit_rub_per_month > 0 then 'pilot'
        end as kind_code
    from ${features} as features
    left join chosen on features.feature_code = chosen.feature_code
    left join best_portraits on features.feature_code = best_portraits.feature_code and best_portraits.rank_number = 1
),

best_features as (
    select
        portrait_code,
        feature,
        feature_href,
        profit_rub_per_client_per_month,
        profit_rub_per_client_per_month_low,
        profit_rub_per_client_per_month_high,
        verdict_code = 'works' as is_proven,
        row_number() over (partition by portrait_code order by profit_rub_per_client_per_month desc, feature)
            as rank_number
    from ${feature_portraits}
    where basis_code = 'experiment' and eligible_count > 0 and profit_rub_per_month_low > 0
),

kept as (
    select
        churn.portrait_code as code,
        churn.portrait as name,
        churn.href,
        cast(null as varchar) as basis_code,
        churn.active_clients_count as clients_count,
        churn.active_churn_prob as value,
        cast(null as double) as low,
        cast(null as double) as high,
        cast(null as double) as part_share,
        churn.leaving_count as part_count,
        best_features.profit_rub_per_client_per_month as part_value,
        best_features.profit_rub_per_client_per_month_low as part_low,
        best_features.profit_rub_per_client_per_month_high as part_high,
        best_features.feature as other_name,
        best_features.feature_href as other_href,
        churn.spend_at_risk_rub_per_month as spend_rub_per_month,
        best_features.is_proven,
        churn.recommendations_ru as advice,
        -- First the highest churn probability, then the most spend at risk.
        case
            when row_number() over (order by churn.active_churn_prob desc, churn.portrait) = 1 then 1e18
            else churn.spend_at_risk_rub_per_month
        end as priority,
        'keep' as kind_code
    from ${forecast_churn} as churn
    left join best_features on churn.portrait_code = best_features.portrait_code and best_features.rank_number = 1
    -- There is no advice for undefined clients, and less than one expected client does not count.
    where churn.portrait_code <> 'undefined' and churn.leaving_count >= 1
),

steps as (
    select * from judged where kind_code is not null
    union all
    select * from kept
),

ranked as (
    select
        *,
        list_position(['launch', 'target', 'stop', 'pilot', 'keep'], kind_code) as kind_order,
        count(*) over (partition by kind_code) as kind_count,
        row_number() over (
            partition by kind_code
            order by
                case kind_code when 'stop' then -priority when 'target' then part_value else priority end desc, name
        ) as kind_rank
    from steps
),

-- One step of each kind first, then second ones while there is room.
numbered as (
    select
        *,
        row_number() over (order by kind_rank, kind_order) as step_rank
    from ranked
)

select * from numbered where step_rank <= 5
