"""Whom to offer each feature: the queries behind ``data/exports/audiences``."""

import duckdb

from vocabulary.codes import PERSONAL_UNITS


def _text(column: str) -> str:
    """Text that a spreadsheet does not run: labels of own files may begin like a formula."""
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

# Sums of whole kopecks do not depend on the order of the rows: two exports of one run are the same bytes.
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
    """List what to write for each feature of which single clients were estimated.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To a warehouse with schema marts.

    Returns
    -------
    dict of str to str
        Query by feature_code: recommended clients that agreed to offers, or recommended stations as a whole; the most
        profitable first.

    Raises
    ------
    duckdb.CatalogException, duckdb.BinderException
        When the warehouse lacks a table or a column.
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
