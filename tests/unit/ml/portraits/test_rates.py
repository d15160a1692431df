"""Smoothing of visit rates: a rate has the weight of the visits and days behind it."""

import numpy as np
import pyarrow as pa
import pytest

from ml.portraits.criteria import learn, weigh
from ml.portraits.model import score_clients
from ml.portraits.rates import smoothed, without_short_silences
from vocabulary.units import MONTH_DAYS


def criteria(*rows):
    """Build a table of range criteria from (portrait, metric, low, high, is_hard)."""
    names = ("portrait_code", "metric_code", "low", "high", "is_hard")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return pa.table(
        {
            **{name: list(values) for name, values in columns.items()},
            "criterion_code": list(columns["metric_code"]),
            "kind": ["range"] * len(rows),
            "values": pa.nulls(len(rows), pa.list_(pa.string())),
            "weight": [1.0] * len(rows),
        }
    )


FREQUENT_OR_RARE = criteria(
    ("frequent", "visits_per_month", 6.0, 12.0, False), ("rare", "visits_per_month", None, 2.0, False)
)


def seen(visits, days):
    """Build the metrics of clients with `visits` visits in `days` days."""
    visits, days = np.asarray(visits, dtype=float), np.asarray(days, dtype=float)
    return pa.table(
        {
            "client_id": np.arange(len(visits)),
            "visits_count": visits,
            "observed_days": days,
            "visits_per_month": visits * MONTH_DAYS / days,
        }
    )


def test_rate_is_smoothed_by_half_a_visit_and_its_log_variance_falls_with_the_count():
    metrics = seen([0, 1, 24], [90, 4, 90])
    values, variance = smoothed(metrics, "visits_per_month", metrics["visits_per_month"].to_numpy())
    assert values == pytest.approx([0.5 / 90 * MONTH_DAYS, 1.5 / 4 * MONTH_DAYS, 24.5 / 90 * MONTH_DAYS])
    assert variance == pytest.approx([2.0, 1 / 1.5, 1 / 24.5])


def test_other_metrics_and_tables_without_counts_are_unchanged():
    metrics = seen([3], [90])
    assert smoothed(metrics, "shop_share", np.array([0.4]))[0] == 0.4
    bare = metrics.drop_columns(["visits_count"])
    values, variance = smoothed(bare, "visits_per_month", np.array([1.0]))
    assert (values[0], variance[0]) == (1.0, 0.0)


def test_the_same_rate_is_stronger_evidence_after_a_long_window():
    """One visit in four days and 24 in 90 are both about 8 a month; only the second is evidence."""
    metrics = seen([1, 24, 0, 0], [4, 90, 90, 90])
    evidence = weigh(metrics, learn(metrics, FREQUENT_OR_RARE))
    gap = evidence.log_evidence[:, 0] - evidence.log_evidence[:, 1]
    assert gap[1] > 1.5 * gap[0] > 0


def test_a_portrait_without_a_known_metric_is_not_assigned():
    """`new` depends on tenure only, so a client without a registration date is not `new`."""
    rules = criteria(
        ("frequent", "visits_per_month", 6.0, 12.0, False),
        ("new", "tenure_days", None, 60.0, True),
        ("rare", "visits_per_month", None, 2.0, False),
    )
    metrics = seen([24, 1], [90, 90]).append_column("tenure_days", pa.nulls(2, pa.float64()))
    scores = score_clients(metrics, rules, seed=1).to_pandas()
    assert (scores.loc[scores.portrait_code == "new", "score_prob"] == 0).all()


def test_clients_without_visits_do_not_affect_the_others():
    """With thousands of registered clients and a few hundred active ones, the space is fitted to the active ones."""
    rng = np.random.default_rng(3)
    active = seen(rng.poisson([24] * 150 + [3] * 150) + 1, np.full(300, 90))
    silent = seen(np.zeros(20_000), np.full(20_000, 90))
    silent = silent.set_column(0, "client_id", pa.array(np.arange(300, 20_300)))
    alone = score_clients(active, FREQUENT_OR_RARE, seed=1).to_pandas()
    among = score_clients(pa.concat_tables([active, silent]), FREQUENT_OR_RARE, seed=1).to_pandas()
    among = among[among.client_id < 300].reset_index(drop=True)
    assert np.allclose(alone.score_prob, among.score_prob)


def test_a_few_days_without_a_visit_are_not_a_rate_of_zero():
    """With four days of history, a registered client without a visit has an unknown rate."""
    metrics = without_short_silences(seen([0, 0, 1], [4, 90, 4]))
    assert metrics["visits_per_month"].to_pylist() == [None, 0.0, pytest.approx(MONTH_DAYS / 4)]
    scores = score_clients(seen([0, 24, 24], [4, 90, 90]), FREQUENT_OR_RARE, seed=1).to_pandas()
    of_silent = scores[scores.client_id == 0].set_index("portrait_code").score_prob
    assert of_silent["undefined"] == 1
