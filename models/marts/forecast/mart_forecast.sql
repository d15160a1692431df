with forecast as (

    select * from {{ ref('forecast') }}

),

baselines as (

    select * from {{ ref('portrait_forecasts') }}

),

final as (

    select
        forecast.feature_code,
        forecast.portrait_code,
        forecast.month_number,
        cast(forecast.month_start_on as date) as month_start_on,
        forecast.baseline_visits_count,
        forecast.baseline_visits_count_low,
        forecast.baseline_visits_count_high,
        forecast.predicted_visits_count,
        forecast.predicted_visits_count_low,
        forecast.predicted_visits_count_high,
        forecast.baseline_volume_l,
        forecast.baseline_volume_l_low,
        forecast.baseline_volume_l_high,
        forecast.predicted_volume_l,
        forecast.predicted_volume_l_low,
        forecast.predicted_volume_l_high,
        forecast.baseline_revenue_rub,
        forecast.baseline_revenue_rub_low,
        forecast.baseline_revenue_rub_high,
        forecast.predicted_revenue_rub,
        forecast.predicted_revenue_rub_low,
        forecast.predicted_revenue_rub_high,
        baselines.churn_prob
    from forecast
    left join baselines
        on
            forecast.portrait_code = baselines.portrait_code
            and forecast.month_number = baselines.month_number

)

select * from final
