"""Audiences of features: who is listed, in which order, and labels that a spreadsheet does not run as formulas."""

import csv

import duckdb
import pytest

from twinlab.warehouse.audiences import audience_queries


@pytest.fixture
def marts():
    with duckdb.connect() as connection:
        connection.execute("""
            create schema marts;
            create table marts.dim_features as from (values
                ('discount', 'client'), ('reports', 'contract'), ('coffee', 'home_station'), ('untried', 'client')
            ) as t(feature_code, randomization_unit);
            create table marts.dim_clients as from (values
                (1, 10, true), (2, 10, null), (3, 11, true), (4, 11, true), (5, 11, false), (6, 12, true)
            ) as t(client_id, home_station_id, has_marketing_consent);
            create table marts.dim_stations as from (values
                (10, '=1+1', 'A'), (11, 'АЗС "У моста", № 2', 'B'), (12, '-x', 'A')
            ) as t(station_id, label_ru, region_code);
            create table marts.dim_regions as from (values ('A', '@x'), ('B', 'Область')) as t(region_code, label_ru);
            create table marts.dim_portraits as from (values ('rare', '+79'), ('eco', 'Эко'))
                as t(portrait_code, label_ru);
            create table marts.fct_client_offers as from (values (3, 'discount'), (4, 'reports'))
                as t(client_id, feature_code);
            create table marts.fct_reactions as from (values
                (1, 'discount', 'rare', 12.0, 2.0, true, true),
                (2, 'discount', 'rare', 90.0, 2.0, true, true),
                (3, 'discount', 'eco', 30.0, 5.0, true, true),
                (4, 'discount', null, 12.0, 2.0, true, true),
                (5, 'discount', 'eco', 50.0, 5.0, true, true),
                (6, 'discount', 'eco', 1.0, 5.0, false, true),
                (4, 'reports', 'eco', 7.0, 5.0, true, true),
                (1, 'coffee', 'rare', -1.0, 2.0, true, true),
                (2, 'coffee', 'rare', 20.0, 2.0, true, true),
                (5, 'coffee', 'eco', 40.0, 2.0, true, true),
                (6, 'coffee', 'eco', 0.0, 2.0, false, true),
                (1, 'untried', 'rare', 5.0, null, null, false)
            ) as t(client_id, feature_code, portrait_code, uplift_margin_rub_per_month, cost_rub_per_month,
                is_recommended, is_own_estimate);
        """)
        yield connection


def test_only_features_with_estimates_for_individual_clients_have_an_audience(marts):
    assert list(audience_queries(marts)) == ["coffee", "discount", "reports"]


def test_clients_are_those_who_consented_and_are_recommended(marts):
    """Ties are ordered by client_id; a client with another best offer is listed too."""
    queries = audience_queries(marts)
    assert marts.sql(queries["discount"]).fetchall() == [
        (3, "eco", "Эко", 30, 5, 25, True),
        (1, "rare", "'+79", 12, 2, 10, False),
        (4, None, None, 12, 2, 10, False),
    ]
    assert marts.sql(queries["reports"]).fetchall() == [(4, "eco", "Эко", 7, 5, 2, True)]


def test_stations_count_all_their_clients_and_their_labels_are_escaped(marts, tmp_path):
    path = tmp_path / "coffee.csv"
    marts.execute(f"copy ({audience_queries(marts)['coffee']}) to '{path}' (format csv, header)")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["station_id", "label_ru", "region", "clients_count", "predicted_profit_rub_per_month"],
        ["11", 'АЗС "У моста", № 2', "Область", "1", "38.00"],
        ["10", "'=1+1", "'@x", "2", "15.00"],
    ]
