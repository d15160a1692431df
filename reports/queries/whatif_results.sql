with chosen as (

    select
        coefficients.*,
        settings.treated_share * coefficients.estimated_count as offered_count,
        settings.horizon_weeks as weeks,
        least(floor(coefficients.ramp_weeks), settings.horizon_weeks) as risen,
        least(floor(coefficients.ramp_weeks), coefficients.horizon_weeks) as tried_risen,
        settings.fuel_margin_scale as fuel,
        settings.shop_margin_share as shop,
        settings.cost_rub_per_visit as per_visit,
        settings.cost_rub_per_l as per_l,
        settings.cost_rub_per_client_per_month as fee,
        settings.cost_rub_per_month * case
            when coefficients.portrait_code is null then 1
            else
                coefficients.eligible_count / sum(coefficients.eligible_count) over (
                    partition by coefficients.feature_code, coefficients.portrait_code is null
                )
        end as fixed,
        -- The response scales with the discount tried; without one there is nothing to scale.
        case when coefficients.cost_rub_per_l > 0 then settings.response_elasticity else 0 end as elasticity
    from ${whatif_coefficients} as coefficients
    inner join ${whatif_settings} as settings
        on coefficients.feature_code = settings.feature_code

),

parts as (

    select
        *,
        (
            coalesce(risen * (risen + 1) / (2 * nullif(ramp_weeks, 0)), 0)
            + case
                when half_life_weeks is null then weeks - risen
                else
                    pow(0.5, (risen + 1 - ramp_weeks) / half_life_weeks)
                    * (1 - pow(0.5, (weeks - risen) / half_life_weeks))
                    / (1 - pow(0.5, 1 / half_life_weeks))
            end
        ) / weeks
        / ((
            coalesce(tried_risen * (tried_risen + 1) / (2 * nullif(ramp_weeks, 0)), 0)
            + case
                when half_life_weeks is null then horizon_weeks - tried_risen
                else
                    pow(0.5, (tried_risen + 1 - ramp_weeks) / half_life_weeks)
                    * (1 - pow(0.5, (horizon_weeks - tried_risen) / half_life_weeks))
                    / (1 - pow(0.5, 1 / half_life_weeks))
            end
        ) / horizon_weeks) as interest_ratio,
        case when elasticity > 0 then 1 - elasticity + elasticity * per_l / cost_rub_per_l else 1 end as response_ratio,
        fuel * fuel_margin_rub_per_client_per_month + shop * shop_rub_per_client_per_month as margin,
        per_visit * served_visits_per_client_per_month as visits_cost,
        per_l * served_volume_l_per_client_per_month as litres_cost,
        fuel * fuel * covariance_fuel_fuel
        + 2 * fuel * shop * covariance_fuel_shop
        + shop * shop * covariance_shop_shop as margin_variance,
        per_visit * per_visit * covariance_visits_visits
        + 2 * per_visit * per_l * covariance_visits_litres
        + per_l * per_l * covariance_litres_litres as cost_variance,
        fuel * per_visit * covariance_fuel_visits
        + fuel * per_l * covariance_fuel_litres
        + shop * per_visit * covariance_shop_visits
        + shop * per_l * covariance_shop_litres as margin_cost_covariance,
        fee + fixed / nullif(offered_count, 0) as fees_per_client,
        fee * offered_count + fixed as fees
    from chosen

),

scaled as (

    select
        *,
        interest_ratio * response_ratio as effect_ratio,
        interest_ratio * response_ratio * offered_count as effective_count,
        visits_cost + litres_cost as served_cost,
        margin - visits_cost - litres_cost as gain,
        margin_t_factor * sqrt(greatest(margin_variance, 0)) as margin_half,
        -- Fees have no sampling error.
        case when per_visit = 0 and per_l = 0 then 0 else cost_low_factor * sqrt(greatest(cost_variance, 0)) end
            as cost_below,
        case when per_visit = 0 and per_l = 0 then 0 else cost_high_factor * sqrt(greatest(cost_variance, 0)) end
            as cost_above,
        profit_t_factor * sqrt(greatest(margin_variance + cost_variance - 2 * margin_cost_covariance, 0))
            as profit_half,
        -- Profit per client at a discount d: level + slope · d − bend · d².
        interest_ratio * (1 - elasticity) * (margin - visits_cost) - fees_per_client as level,
        interest_ratio * (
            case when elasticity > 0 then elasticity / cost_rub_per_l else 0 end * (margin - visits_cost)
            - (1 - elasticity) * served_volume_l_per_client_per_month
        ) as slope,
        interest_ratio * case when elasticity > 0 then elasticity / cost_rub_per_l else 0 end
        * served_volume_l_per_client_per_month as bend
    from parts

),

final as (

    select
        feature_code,
        portrait_code,
        basis_code,
        offered_count,
        least(conversion_share * response_ratio, 1) * offered_count as responded_count,
        effective_count * incremental_visits_per_client_per_month
            as incremental_visits_per_month,
        effective_count * incremental_visits_per_client_per_month_low
            as incremental_visits_per_month_low,
        effective_count * incremental_visits_per_client_per_month_high
            as incremental_visits_per_month_high,
        effective_count * incremental_volume_l_per_client_per_month
            as incremental_volume_l_per_month,
        effective_count * incremental_volume_l_per_client_per_month_low
            as incremental_volume_l_per_month_low,
        effective_count * incremental_volume_l_per_client_per_month_high
            as incremental_volume_l_per_month_high,
        effective_count * incremental_revenue_rub_per_client_per_month
            as incremental_revenue_rub_per_month,
        effective_count * incremental_revenue_rub_per_client_per_month_low
            as incremental_revenue_rub_per_month_low,
        effective_count * incremental_revenue_rub_per_client_per_month_high
            as incremental_revenue_rub_per_month_high,
        effective_count * margin as incremental_margin_rub_per_month,
        effective_count * (margin - margin_half) as incremental_margin_rub_per_month_low,
        effective_count * (margin + margin_half) as incremental_margin_rub_per_month_high,
        effective_count * served_cost + fees as cost_rub_per_month,
        effective_count * (served_cost - cost_below) + fees as cost_rub_per_month_low,
        effective_count * (served_cost + cost_above) + fees as cost_rub_per_month_high,
        effective_count * gain - fees as profit_rub_per_month,
        effective_count * (gain - profit_half) - fees as profit_rub_per_month_low,
        effective_count * (gain + profit_half) - fees as profit_rub_per_month_high,
        case
            when served_visits_per_client_per_month > 0 and effect_ratio > 0
                then (margin - litres_cost - fees_per_client / effect_ratio) / served_visits_per_client_per_month
        end as break_even_rub_per_visit,
        case
            when not served_volume_l_per_client_per_month > 0 then null
when bend = 0 then -(level) / nullif(slope, 0)
            when slope * slope + 4 * bend * level >= 0
                then
                    (slope + sqrt(slope * slope + 4 * bend * level))
                    / (2 * bend)
        end as break_even_rub_per_l,
        effect_ratio * gain - fixed / nullif(offered_count, 0) as break_even_rub_per_client_per_month,
        effective_count * served_visits_per_client_per_month as served_visits_per_month,
        effective_count * served_volume_l_per_client_per_month as served_volume_l_per_month,
        offered_count * level as discount_level_rub_per_month,
        offered_count * slope as discount_slope_l_per_month,
        offered_count * bend as discount_bend_l2_per_rub_per_month
    from scaled

)

select * from final
