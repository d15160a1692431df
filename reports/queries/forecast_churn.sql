-- Expected churn in the 90 days after the period, by portrait: over all clients, and over those with a visit in the
-- metrics window.
with churn as (
    select
        portrait_code,
        max(churn_prob) as churn_prob
    from warehouse.mart_forecast
    group by portrait_code
),

active as (
    select * from warehouse.mart_churn where is_active
)

select
    churn.portrait_code,
    portraits.label_ru as portrait,
    portraits.recommendations_ru,
    '/portraits/' || churn.portrait_code || '/' as href,
    profiles.clients_count,
    churn.churn_prob,
    active.clients_count as active_clients_count,
    active.churn_prob as active_churn_prob,
    active.leaving_count,
    active.spend_at_risk_rub_per_month
from churn
inner join warehouse.dim_portraits as portraits on churn.portrait_code = portraits.portrait_code
inner join warehouse.mart_portrait_profiles as profiles on churn.portrait_code = profiles.portrait_code
left join active on churn.portrait_code = active.portrait_code
where churn.churn_prob is not null and profiles.clients_count > 0
