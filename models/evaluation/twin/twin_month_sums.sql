select
    group_number,
    segment_code,
    fuel_grade,
    is_paid_at_once,
    is_settled,
    cast(date_trunc('month', occurred_at) as date) as month_start_on,
    count(*) as visits_count,
    cast(sum(volume_l) as decimal(28, 2)) as volume_l,
    cast(sum(price_rub_per_l) as decimal(28, 2)) as price_rub_per_l_sum,
    cast(sum(shop_amount_rub) as decimal(28, 2)) as shop_amount_rub,
    cast(sum(total_amount_rub) as decimal(28, 2)) as total_amount_rub,
    cast(sum(margin_rub) as decimal(28, 2)) as margin_rub
from {{ ref('twin_visits') }}
group by all
