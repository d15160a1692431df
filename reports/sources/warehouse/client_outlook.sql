-- Who is expected not to come any more, by portrait; those who came in the metrics window apart from those silent by now.
-- One more row always goes along, marked: a source without rows breaks every page.
select
    forecasts.portrait_code,
    portraits.is_active,
    cast(count(*) as double) as clients_count,
    avg(forecasts.churn_prob) as churn_prob,
    sum(forecasts.churn_prob) as leaving_count,
    sum(forecasts.churn_prob * metrics.spend_rub_per_month) as spend_at_risk_rub_per_month,
    false as is_placeholder
from marts.fct_client_forecasts as forecasts
inner join marts.fct_client_portraits as portraits on forecasts.client_id = portraits.client_id
inner join marts.fct_client_metrics as metrics on forecasts.client_id = metrics.client_id
group by all
union all
select '', false, 0, null, null, null, true
