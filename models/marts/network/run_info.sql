-- Written last: the row stands for a finished build.
-- depends_on: {{ ref('fct_client_forecasts') }}
-- depends_on: {{ ref('mart_ab_planner') }}
-- depends_on: {{ ref('mart_effect_dynamics') }}
-- depends_on: {{ ref('mart_feature_briefs') }}
-- depends_on: {{ ref('mart_feature_metrics') }}
-- depends_on: {{ ref('mart_feature_portrait_metrics') }}
-- depends_on: {{ ref('mart_forecast') }}
-- depends_on: {{ ref('mart_interest_curves') }}
-- depends_on: {{ ref('mart_offers') }}
-- depends_on: {{ ref('mart_churn') }}
-- depends_on: {{ ref('mart_forecast_trials') }}
-- depends_on: {{ ref('mart_portrait_months') }}
-- depends_on: {{ ref('mart_targeting_curve') }}
-- depends_on: {{ ref('mart_interest_dynamics') }}
-- depends_on: {{ ref('mart_portrait_heatmap') }}
-- depends_on: {{ ref('mart_portrait_checks') }}
-- depends_on: {{ ref('mart_portrait_examples') }}
-- depends_on: {{ ref('mart_portrait_migration') }}
-- depends_on: {{ ref('mart_portrait_overlaps') }}
-- depends_on: {{ ref('mart_portrait_profiles') }}
-- depends_on: {{ ref('mart_portrait_reasons') }}
-- depends_on: {{ ref('mart_whatif_coefficients') }}
-- depends_on: {{ ref('fct_client_offers') }}
-- depends_on: {{ ref('fct_reactions') }}

{%- set is_synthetic = var('source') == 'synthetic' %}
{%- set source_name = 'synthetic' if is_synthetic else (var('source') | string).rstrip('/').split('/') | last %}

with run as (

    select * from {{ ref('int_run') }}

),

intake as (

    select * from {{ ref('stg_own__intake') }}

),

clients as (

    select count(*) as clients_count from {{ ref('dim_clients') }}

),

portrait_model as (

    select method_code as portrait_method_code from {{ ref('portrait_model') }}

),

transactions as (

    select count(*) as transactions_count from {{ ref('fct_transactions') }}

),

-- Own data has results of experiments only of the features that its own pilots tried.
pilots as (

    select
        count(results.p_value) as measured_features_count,
        string_agg('«' || features.label_ru || '»', ', ' order by features.label_ru)
            filter (where results.p_value is not null) as measured_ru,
        string_agg('«' || features.label_ru || '»', ', ' order by features.label_ru)
            filter (where results.p_value is null and results.basis_code = 'experiment') as unmeasured_ru,
        count(*) filter (where results.basis_code = 'rules_scenario') as scenario_count
    from {{ ref('mart_feature_metrics') }} as results
    inner join {{ ref('dim_features') }} as features
        on results.feature_code = features.feature_code

),

counted as (

    select
        run.is_synthetic,
        run.period_start,
        run.period_end,
        run.window_days,
        clients.clients_count,
        transactions.transactions_count,
        portrait_model.portrait_method_code,
        intake.clients_read_count,
        intake.clients_quarantined_count,
        intake.transactions_read_count,
        intake.transactions_quarantined_count,
        intake.stations_read_count,
        intake.stations_quarantined_count,
        intake.experiments_read_count,
        intake.experiments_quarantined_count,
        pilots.measured_features_count,
        pilots.measured_ru,
        pilots.unmeasured_ru,
        pilots.scenario_count
    from run
    cross join clients
    cross join transactions
    cross join portrait_model
    cross join intake
    cross join pilots

),

final as (

    select
        substr(
            md5(concat_ws(
                '|',
                '{{ source_name | replace("'", "''") }}',
                '{{ var("seed") | int }}',
                clients_count,
                transactions_count,
                period_start,
                period_end,
                nullif(experiments_read_count, 0)
            )),
            1,
            12
        ) as run_id,
        case when is_synthetic then 'synthetic' else 'own' end as source,
        '{{ source_name | replace("'", "''") }}' as source_name,
        cast(json_object('duckdb', version(), 'dbt', '{{ dbt_version }}') as varchar) as versions,
        cast({{ var('seed') | int }} as bigint) as seed,
        {{ 'cast(' ~ (var('clients') | int) ~ ' as bigint)' if is_synthetic else 'cast(null as bigint)' }}
            as clients_requested,
        clients_count,
        date_diff('month', period_start, period_end) + 1 as months,
        transactions_count,
        case when is_synthetic then clients_count else clients_read_count end as clients_read_count,
        clients_quarantined_count,
        case when is_synthetic then transactions_count else transactions_read_count end as transactions_read_count,
        transactions_quarantined_count,
        stations_read_count,
        stations_quarantined_count,
        experiments_read_count,
        experiments_quarantined_count,
        measured_features_count,
        is_synthetic or measured_features_count > 0 as has_experiment,
        is_synthetic as has_truth,
        portrait_method_code,
        nullif(concat_ws(
            ' ',
            case
                when is_synthetic then null
                when measured_features_count = 0 and unmeasured_ru is null
                    then 'Своего эксперимента в данных нет: реакции — сценарий по правилам, а не измерение.'
                else
                    concat_ws(
                        ' ',
                        'Измерено в пилоте, итоги — на его участников: ' || measured_ru || '.',
                        'Пилот есть, но сравнить нечего (мало недель или клиентов в группе): ' || unmeasured_ru || '.',
                        case
                            when scenario_count > 0
                                then 'Реакции на остальные фичи — сценарий по правилам, а не измерение.'
                        end
                    )
            end,
            case
                when window_days < {{ var('window_days') | int }}
                    then
                        'История короче '
                        || {{ var('window_days') | int }}
                        || ' дней (дней: '
                        || window_days
                        || '): частота визитов и портреты определены приблизительно.'
            end,
            case
                when portrait_method_code = 'criteria_only'
                    then 'Клиентов слишком мало для поиска групп: портреты определены только по бизнес-критериям.'
            end
        ), '') as note_ru,
        period_start,
        period_end,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as started_at,
        cast(now() at time zone 'UTC' as timestamp) as finished_at
    from counted

)

select * from final
