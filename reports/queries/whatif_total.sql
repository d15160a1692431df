with sums as (

    select
        feature_code,
        sum(offered_count) as offered_count,
        sum(responded_count) as responded_count,
        sum(incremental_visits_per_month) as incremental_visits_per_month,
        sum(incremental_visits_per_month)
        - sqrt(sum(pow(incremental_visits_per_month - incremental_visits_per_month_low, 2)))
            as incremental_visits_per_month_low,
        sum(incremental_visits_per_month)
        + sqrt(sum(pow(incremental_visits_per_month_high - incremental_visits_per_month, 2)))
            as incremental_visits_per_month_high,
        sum(incremental_volume_l_per_month) as incremental_volume_l_per_month,
        sum(incremental_volume_l_per_month)
        - sqrt(sum(pow(incremental_volume_l_per_month - incremental_volume_l_per_month_low, 2)))
            as incremental_volume_l_per_month_low,
        sum(incremental_volume_l_per_month)
        + sqrt(sum(pow(incremental_volume_l_per_month_high - incremental_volume_l_per_month, 2)))
            as incremental_volume_l_per_month_high,
        sum(incremental_revenue_rub_per_month) as incremental_revenue_rub_per_month,
        sum(incremental_revenue_rub_per_month)
        - sqrt(sum(pow(incremental_revenue_rub_per_month - incremental_revenue_rub_per_month_low, 2)))
            as incremental_revenue_rub_per_month_low,
        sum(incremental_revenue_rub_per_month)
        + sqrt(sum(pow(incremental_revenue_rub_per_month_high - incremental_revenue_rub_per_month, 2)))
            as incremental_revenue_rub_per_month_high,
        sum(incremental_margin_rub_per_month) as incremental_margin_rub_per_month,
        sum(incremental_margin_rub_per_month)
        - sqrt(sum(pow(incremental_margin_rub_per_month - incremental_margin_rub_per_month_low, 2)))
            as incremental_margin_rub_per_month_low,
        sum(incremental_margin_rub_per_month)
        + sqrt(sum(pow(incremental_margin_rub_per_month_high - incremental_margin_rub_per_month, 2)))
            as incremental_margin_rub_per_month_high,
        sum(cost_rub_per_month) as cost_rub_per_month,
        sum(cost_rub_per_month)
        - sqrt(sum(pow(cost_rub_per_month - cost_rub_per_month_low, 2)))
            as cost_rub_per_month_low,
        sum(cost_rub_per_month)
        + sqrt(sum(pow(cost_rub_per_month_high - cost_rub_per_month, 2)))
            as cost_rub_per_month_high,
        sum(profit_rub_per_month) as profit_rub_per_month,
        sum(profit_rub_per_month)
        - sqrt(sum(pow(profit_rub_per_month - profit_rub_per_month_low, 2)))
            as profit_rub_per_month_low,
        sum(profit_rub_per_month)
        + sqrt(sum(pow(profit_rub_per_month_high - profit_rub_per_month, 2)))
            as profit_rub_per_month_high,
        sum(served_visits_per_month) as served_visits_per_month,
        sum(served_volume_l_per_month) as served_volume_l_per_month,
        -- Total that may be paid: without served visits the profit does not depend on the cost per visit.
        sum(coalesce(break_even_rub_per_visit * served_visits_per_month, profit_rub_per_month)) as paid_by_visit,
        sum(break_even_rub_per_client_per_month * offered_count) as paid_by_client,
        sum(discount_level_rub_per_month) as discount_level,
        sum(discount_slope_l_per_month) as discount_slope,
        sum(discount_bend_l2_per_rub_per_month) as discount_bend
    from ${whatif_results}
    where portrait_code is not null
    group by feature_code

),

final as (

    select
        * exclude (paid_by_visit, paid_by_client, discount_level, discount_slope, discount_bend),
        case when served_visits_per_month > 0 then paid_by_visit / served_visits_per_month end
            as break_even_rub_per_visit,
        case
            when not served_volume_l_per_month > 0 then null
when discount_bend = 0 then -(discount_level) / nullif(discount_slope, 0)
            when discount_slope * discount_slope + 4 * discount_bend * discount_level >= 0
                then
                    (discount_slope + sqrt(discount_slope * discount_slope + 4 * discount_bend * discount_level))
                    / (2 * discount_bend)
        end as break_even_rub_per_l,
        paid_by_client / nullif(offered_count, 0) as break_even_rub_per_client_per_month
    from sums

)

select * from final
