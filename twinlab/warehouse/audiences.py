"""Whom to offer each feature: the queries behind ``data/exports/audiences``."""

import duckdb

from vocabulary.codes import PERSONAL_UNITS


def _text(column: str) -> str:
    """Return SQL that escapes text which a spreadsheet would run as a formula: labels may come from own data."""
    return f"case when regexp_matches({column}, '^[=+@\\t\\r-]') then '''' else '' end || {column}"


_CLIENTS = f"""
select
    reactions.client_id,
    reactions.portrait_code,
    {_text("portraits.label_ru")} as portrait_label_ru,
    reactions.uplift_margin_rub_per_month as predicted_margin_rub_per_month,
    reactions.cost_rub_per_month as predicted_cost_rub_per_month,
    reactions.uplift_margin_rub_per_month - reactions.cost_rub_per_month as predicted_profit_rub_per_month,
    offers.client_id is not null as is_best_offer
from marts.fct_reactions as reactions
inner join marts.dim_clients as clients
    on reactions.client_id = clients.client_id and clients.has_marketing_consent
left join marts.dim_portraits as portraits on reactions.portrait_code = portraits.portrait_code
left join marts.fct_client_offers as offers
    on reactions.client_id = offers.client_id and reactions.feature_code = offers.feature_code
where reactions.is_recommended and reactions.feature_code = '{{code}}'
order by predicted_profit_rub_per_month desc, reactions.client_id"""

# Decimal sums do not depend on row order, so that exports of the same run are byte-identical.
_STATIONS = f"""
select
    clients.home_station_id as station_id,
    any_value({_text("stations.label_ru")}) as label_ru,
    any_value({_text("regions.label_ru")}) as region,
    count(*) as clients_count,
    sum(cast(reactions.uplift_margin_rub_per_month - reactions.cost_rub_per_month as decimal(18, 2)))
        as predicted_profit_rub_per_month
from marts.fct_reactions as reactions
inner join marts.dim_clients as clients on reactions.client_id = clients.client_id
inner join marts.dim_stations as stations on clients.home_station_id = stations.station_id
left join marts.dim_regions as regions on stations.region_code = regions.region_code
where reactions.is_recommended and reactions.feature_code = '{{code}}'
group by clients.home_station_id
order by predicted_profit_rub_per_month desc, station_id"""


def audience_queries(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the query of each feature that has estimates for individual clients.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Connection to a warehouse with schema marts.

    Returns
    -------
    dict of str to str
        feature_code → query. Personal offers list recommended clients who consented to offers; others list the home
        stations of recommended clients. The most profitable come first.

    Raises
    ------
    duckdb.CatalogException, duckdb.BinderException
        If the warehouse lacks a table or column.
    """
    features = connection.sql("""
        select feature_code, randomization_unit
        from marts.dim_features
        where feature_code in (select feature_code from marts.fct_reactions where is_own_estimate)
        order by feature_code
    """).fetchall()
    return {
        code: (_CLIENTS if unit in PERSONAL_UNITS else _STATIONS).format(code=code.replace("'", "''"))
        for code, unit in features
    }
