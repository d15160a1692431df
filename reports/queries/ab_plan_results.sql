with inputs as (

    select
        coefficients.*,
        settings.* exclude (feature_code),
        -- Ten units in the smaller arm; null where there is nothing to plan with.
        case
            when coefficients.unit_size is not null
                then ceil(10 / least(settings.control_share, 1 - settings.control_share) - 1e-9)
        end as least_units_count,
        1.96 * 1.96 / 2 as correction,
        coefficients.normal_factor
        / (coefficients.unit_size * settings.control_share * (1 - settings.control_share)) as units_factor,
        coefficients.fixed_variance_ratio + coefficients.cluster_variance_ratio as lasting,
        coefficients.fixed_variance_ratio + coefficients.cluster_variance_ratio
        + coefficients.weekly_variance_ratio / settings.trial_weeks as anyway,
        1 + 2 * settings.control_share * settings.effect_ratio as growth,
        settings.control_share * settings.effect_ratio * settings.effect_ratio * (
            coefficients.level_square_ratio / greatest(coefficients.response_share, settings.effect_ratio) - 1
        ) as response
    from ${ab_plan_coefficients} as coefficients
    inner join ${ab_plan_settings} as settings
        on coefficients.feature_code = settings.feature_code
        and (settings.has_portraits or coefficients.portrait_code is null)

),

parts as (

    select
        *,
        units_factor * (anyway * growth + response) / (effect_ratio * effect_ratio) + correction as units,
        -- Units left for the variance that more weeks reduce, and the units it takes in a trial of one week.
        units_available_count - correction
        - units_factor * (lasting * growth + response) / (effect_ratio * effect_ratio) as units_left,
        units_factor * weekly_variance_ratio * growth / (effect_ratio * effect_ratio) as units_weekly,
        -- With all available units: effect² = precision_factor · (anyway · growth + response).
        case
            when units_available_count >= least_units_count
                then units_factor / (units_available_count - correction)
        end as precision_factor
    from inputs

),

roots as (

    select
        *,
        2 * control_share * anyway * precision_factor as linear_below,
        1 + control_share * precision_factor * (1 - level_square_ratio / response_share) as square_below,
        control_share * precision_factor * (2 * anyway + level_square_ratio) as linear_above,
        1 + control_share * precision_factor as square_above,
        case
            when units_available_count >= least_units_count and units_left > 0
                then greatest(ceil(units_weekly / units_left), 1)
        end as weeks
    from parts

),

solved as (

    select
        *,
        greatest(ceil(units), least_units_count) as units_needed_count,
        case when weeks <= 52 then weeks end as weeks_needed,
        -- Up to the response share the variance of the effect depends on that share, beyond it on the effect.
        case
            when square_below > 0
                then (
                    linear_below
                    + sqrt(linear_below * linear_below + 4 * greatest(square_below, 0) * anyway * precision_factor)
                ) / (2 * square_below)
        end as effect_below,
        (linear_above + sqrt(linear_above * linear_above + 4 * square_above * anyway * precision_factor))
        / (2 * square_above) as effect_above
    from roots

),

final as (

    select
        * exclude (
            correction, units_factor, lasting, anyway, growth, response, units, units_left, units_weekly,
            precision_factor, linear_below, square_below, linear_above, square_above, weeks, effect_below, effect_above
        ),
        case
            when clients_available_count = 0 then 'nobody_eligible'
            when least_units_count is null then 'no_variance'
            when weeks_needed is null then 'too_small'
            else 'ok'
        end as reason_code,
        case when least_units_count is not null then ceil(units_needed_count * unit_size - 1e-9) end
            as clients_needed_count,
        case when effect_below <= response_share then effect_below else effect_above end as min_effect_ratio
    from solved

)

select * from final
