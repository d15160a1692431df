"""Value of the personal offers, by the doubly robust scores of the trials."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from ml.tables.columns import codes, integers, numbers, row_of, with_nulls
from ml.tables.intervals import LEVEL
from ml.targeting.offers import OFFERS, nullable_strings, settings_by_code

MIN_CLIENTS = 30
"""With fewer clients a few scores would dominate the interval of their sum: no value is given."""

VALUES = pa.schema(
    {
        "feature_code": pa.string(),
        "portrait_code": pa.string(),
        "clients_count": pa.int64(),
        "predicted_profit_rub_per_month": pa.float64(),
        "predicted_cost_rub_per_month": pa.float64(),
        "fixed_cost_rub_per_month": pa.float64(),
        "profit_rub_per_month": pa.float64(),
        "profit_rub_per_month_low": pa.float64(),
        "profit_rub_per_month_high": pa.float64(),
    }
)


def offer_values(offers: pa.Table, estimates: pa.Table, features: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Estimate the profit of the offers from the scores of the trials.

    Parameters
    ----------
    offers : pyarrow.Table
        From `ml.targeting.offers.best_offers`.
    estimates : pyarrow.Table
        From `ml.targeting.policies.find_targets`.
    features : sequence of mappings
        feature_code, cost.

    Returns
    -------
    pyarrow.Table
        `VALUES`: by feature offered and portrait, and by feature as a whole (portrait_code null, minus its fixed cost),
        the sum of the predictions and the sum of the scores with a 95 % interval; null for fewer than `MIN_CLIENTS`.

    Notes
    -----
    No prediction uses the client's own score, so neither the clients chosen nor the feature chosen for each depends on
    the noise of the scores summed here: unlike the predictions, they are not inflated by the choice. The remaining bias
    is of a lower order: a client's outcome contributes to the predictions of the other folds, whose clients compete
    with it for the budget, and whether a feature is dropped depends on the predictions of all its clients.
    """
    settings = settings_by_code(estimates, features)
    feature, codes_of = codes(estimates, "feature_code")
    offered, offered_codes = codes(offers, "feature_code")
    parts = []
    for i, code in enumerate(offered_codes):
        rows = estimates.filter(pa.array(feature == codes_of.index(code))).sort_by("client_id")
        given = offers.filter(pa.array(offered == i)).sort_by("client_id")
        index = row_of(integers(rows, "client_id"), integers(given, "client_id"), "offers", "estimates")
        score = np.zeros(rows.num_rows)
        score[index] = numbers(rows, "profit_score_rub_per_month")[index]
        portrait, portraits = codes(given, "portrait_code")
        fixed = float(settings[code]["cost"].get("rub_per_month") or 0)
        groups = [(-1, np.ones(len(index), dtype=bool), fixed)]
        groups += [(each, portrait == each, np.nan) for each in range(len(portraits))]
        parts += [_value(code, group, portraits, given, score, index) for group in groups]
    return pa.concat_tables(parts) if parts else VALUES.empty_table()


def _value(
    code: str,
    group: tuple[int, np.ndarray, float],
    portraits: list[str],
    given: pa.Table,
    score: np.ndarray,
    index: np.ndarray,
) -> pa.Table:
    """Row of one group of the clients with an offer of a feature."""
    portrait, members, fixed = group
    group_score = np.zeros(len(score))
    group_score[index[members]] = score[index[members]]
    size = len(score)
    is_estimable = members.sum() >= MIN_CLIENTS
    half = stats.t.ppf(0.5 + LEVEL / 2, size - 1) * np.sqrt(size * group_score.var(ddof=1))
    profit = group_score.sum() - np.nan_to_num(fixed)
    columns = [
        [code],
        nullable_strings(np.array([portrait]), portraits),
        [int(members.sum())],
        *([numbers(given, name)[members].sum()] for name in OFFERS.names[3:5]),
        with_nulls(np.array([fixed])),
        *([bound if is_estimable else None] for bound in (profit, profit - half, profit + half)),
    ]
    return pa.table(dict(zip(VALUES.names, columns, strict=True)), schema=VALUES)
