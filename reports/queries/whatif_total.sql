select
    feature_code,
    sum(offered_count) as offered_count,
    sum(responded_count) as responded_count,
    sum(incremental_visits_per_month) as incremental_visits_per_month,
    sum(incremental_visits_per_month) - sqrt(sum(pow((incremental_visits_per_month_high - incremental_visits_per_month_low) / 2, 2)))
        as incremental_visits_per_month_low,
    sum(incremental_visits_per_month) + sqrt(sum(pow((incremental_visits_per_month_high - incremental_visits_per_month_low) / 2, 2)))
        as incremental_visits_per_month_high,
    sum(incremental_volume_l_per_month) as incremental_volume_l_per_month,
    sum(incremental_volume_l_per_month) - sqrt(sum(pow((incremental_volume_l_per_month_high - incremental_volume_l_per_month_low) / 2, 2)))
        as incremental_volume_l_per_month_low,
    sum(incremental_volume_l_per_month) + sqrt(sum(pow((incremental_volume_l_per_month_high - incremental_volume_l_per_month_low) / 2, 2)))
        as incremental_volume_l_per_month_high,
    sum(incremental_revenue_rub_per_month) as incremental_revenue_rub_per_month,
    sum(incremental_revenue_rub_per_month) - sqrt(sum(pow((incremental_revenue_rub_per_month_high - incremental_revenue_rub_per_month_low) / 2, 2)))
        as incremental_revenue_rub_per_month_low,
    sum(incremental_revenue_rub_per_month) + sqrt(sum(pow((incremental_revenue_rub_per_month_high - incremental_revenue_rub_per_month_low) / 2, 2)))
        as incremental_revenue_rub_per_month_high,
    sum(incremental_margin_rub_per_month) as incremental_margin_rub_per_month,
    sum(incremental_margin_rub_per_month) - sqrt(sum(pow((incremental_margin_rub_per_month_high - incremental_margin_rub_per_month_low) / 2, 2)))
        as incremental_margin_rub_per_month_low,
    sum(incremental_margin_rub_per_month) + sqrt(sum(pow((incremental_margin_rub_per_month_high - incremental_margin_rub_per_month_low) / 2, 2)))
        as incremental_margin_rub_per_month_high,
    sum(cost_rub_per_month) as cost_rub_per_month,
    sum(cost_rub_per_month) - sqrt(sum(pow((cost_rub_per_month_high - cost_rub_per_month_low) / 2, 2)))
        as cost_rub_per_month_low,
    sum(cost_rub_per_month) + sqrt(sum(pow((cost_rub_per_month_high - cost_rub_per_month_low) / 2, 2)))
        as cost_rub_per_month_high,
    sum(profit_rub_per_month) as profit_rub_per_month,
    sum(profit_rub_per_month) - sqrt(sum(pow((profit_rub_per_month_high - profit_rub_per_month_low) / 2, 2)))
        as profit_rub_per_month_low,
    sum(profit_rub_per_month) + sqrt(sum(pow((profit_rub_per_month_high - profit_rub_per_month_low) / 2, 2)))
        as profit_rub_per_month_high
from ${whatif_results}
where portrait_code is not null
group by feature_code
