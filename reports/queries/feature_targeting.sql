-- Profit of each targeting policy by the share of clients targeted; the interval is that of the first policy.
select
    feature_code,
    targeted_share,
    max(targeted_count) as clients_count,
    'предложить ' || cast(round(100 * targeted_share) as integer)
    || ' %, клиентов: ' || cast(max(targeted_count) as integer) as note,
    max(profit_rub_per_month) filter (where policy_code = 'uplift') as uplift,
    max(profit_rub_per_month_low) filter (where policy_code = 'uplift') as uplift_low,
    max(profit_rub_per_month_high) filter (where policy_code = 'uplift') as uplift_high,
    max(profit_rub_per_month) filter (where policy_code = 'response') as response,
    max(profit_rub_per_month) filter (where policy_code = 'aimed') as aimed,
    max(profit_rub_per_month) filter (where policy_code = 'everyone') as everyone,
    max(profit_rub_per_month) filter (where policy_code = 'uplift' and is_recommended) as recommended
from warehouse.mart_targeting_curve
group by feature_code, targeted_share
