-- Revenue by portrait, and for all portraits together: there the bounds are added up, which makes the interval a wide one.
select
    forecast.feature_code,
    forecast.portrait_code,
    portraits.label_ru as portrait,
    forecast.month_start_on,
    forecast.baseline_revenue_rub as baseline,
    forecast.baseline_revenue_rub_low as baseline_low,
    forecast.baseline_revenue_rub_high as baseline_high,
    forecast.predicted_revenue_rub as predicted,
    forecast.predicted_revenue_rub_low as predicted_low,
    forecast.predicted_revenue_rub_high as predicted_high
from warehouse.mart_forecast as forecast
inner join warehouse.dim_portraits as portraits using (portrait_code)
-- A history too short for a forecast has months without one.
where not forecast.is_placeholder and forecast.baseline_revenue_rub is not null
union all
select
    feature_code,
    'all' as portrait_code,
    'Все, кому есть что предложить' as portrait,
    month_start_on,
    sum(baseline_revenue_rub) as baseline,
    sum(baseline_revenue_rub_low) as baseline_low,
    sum(baseline_revenue_rub_high) as baseline_high,
    -- A portrait whose effect has no estimate goes on without one.
    sum(coalesce(predicted_revenue_rub, baseline_revenue_rub)) as predicted,
    sum(coalesce(predicted_revenue_rub_low, baseline_revenue_rub_low)) as predicted_low,
    sum(coalesce(predicted_revenue_rub_high, baseline_revenue_rub_high)) as predicted_high
from warehouse.mart_forecast
where not is_placeholder and baseline_revenue_rub is not null
group by feature_code, month_start_on
