-- Forecast with and without a feature, by portrait and for all portraits together. The bounds of the total are sums,
-- which makes its interval conservative.
with quantities as (
    select
        feature_code,
        portrait_code,
        month_start_on,
        'visits_count' as quantity_code,
        baseline_visits_count as baseline,
        baseline_visits_count_low as baseline_low,
        baseline_visits_count_high as baseline_high,
        predicted_visits_count as predicted,
        predicted_visits_count_low as predicted_low,
        predicted_visits_count_high as predicted_high
    from warehouse.mart_forecast
    union all
    select
        feature_code,
        portrait_code,
        month_start_on,
        'volume_l' as quantity_code,
        baseline_volume_l as baseline,
        baseline_volume_l_low as baseline_low,
        baseline_volume_l_high as baseline_high,
        predicted_volume_l as predicted,
        predicted_volume_l_low as predicted_low,
        predicted_volume_l_high as predicted_high
    from warehouse.mart_forecast
    union all
    select
        feature_code,
        portrait_code,
        month_start_on,
        'revenue_rub' as quantity_code,
        baseline_revenue_rub as baseline,
        baseline_revenue_rub_low as baseline_low,
        baseline_revenue_rub_high as baseline_high,
        predicted_revenue_rub as predicted,
        predicted_revenue_rub_low as predicted_low,
        predicted_revenue_rub_high as predicted_high
    from warehouse.mart_forecast
),

-- With a short history, some months have no forecast.
known as (
    select * from quantities where baseline is not null
)

select
    known.*,
    portraits.label_ru as portrait
from known
inner join warehouse.dim_portraits as portraits on known.portrait_code = portraits.portrait_code
union all
select
    feature_code,
    'all' as portrait_code,
    month_start_on,
    quantity_code,
    sum(baseline) as baseline,
    sum(baseline_low) as baseline_low,
    sum(baseline_high) as baseline_high,
    -- A portrait without an estimated effect keeps its baseline.
    sum(coalesce(predicted, baseline)) as predicted,
    sum(coalesce(predicted_low, baseline_low)) as predicted_low,
    sum(coalesce(predicted_high, baseline_high)) as predicted_high,
    'Все, кому есть что предложить' as portrait
from known
group by feature_code, month_start_on, quantity_code
