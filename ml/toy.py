"""Toy clients with a known portrait and toy outcomes with a known effect, for tests and examples.

Not the generator of the product (nothing here knows stations, prices or visits): a mixture drawn
around the criteria, so that a test can compare an estimate with the truth it came from.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from ml.columns import as_text

CRITERIA_SCHEMA = pa.schema(
    {
        "portrait_code": pa.string(),
        "criterion_code": pa.string(),
        "metric_code": pa.string(),
        "kind": pa.string(),
        "low": pa.float64(),
        "high": pa.float64(),
        "values": pa.list_(pa.string()),
        "weight": pa.float64(),
        "is_hard": pa.bool_(),
    }
)

GRADES = ("ai92", "ai95", "ai95_eco", "ai98", "ai100", "diesel", "lpg")
CORPORATE = ("corporate_fleet", "taxi_fleet", "freight", "service_vehicles", "regular_corporate")


def read_criteria(path: Path) -> pa.Table:
    """Read the criteria of `portraits.json` as the table that `ml.portraits` takes."""
    rows = []
    for portrait in json.loads(path.read_text(encoding="utf-8"))["portraits"]:
        for criterion in portrait["criteria"]:
            values = criterion.get("values")
            rows.append(
                {
                    "portrait_code": portrait["portrait_code"],
                    **{name: criterion.get(name) for name in ("low", "high")},
                    **{name: criterion[name] for name in ("criterion_code", "metric_code", "kind")},
                    "values": None if values is None else [as_text(v) for v in values],
                    "weight": criterion["weight"],
                    "is_hard": criterion.get("is_hard", False),
                }
            )
    return pa.Table.from_pylist(rows, schema=CRITERIA_SCHEMA)


def clients(
    criteria: pa.Table, rng: np.random.Generator, clients_count: int, *, spread: float = 0.3
) -> tuple[pa.Table, np.ndarray]:
    """Clients drawn around the criteria of equally frequent portraits.

    Parameters
    ----------
    criteria : pyarrow.Table
    rng : numpy.random.Generator
    clients_count : int
    spread : float
        Standard deviation of a metric around the middle of its range, as a share of the width:
        0.2 keeps clients well inside, 0.5 lets neighbours overlap.

    Returns
    -------
    metrics : pyarrow.Table
    portrait_code : ndarray of str, shape (clients_count,)
        The truth.
    """
    rules: dict[str, dict] = {}
    for row in criteria.to_pylist():
        rules.setdefault(row["portrait_code"], {})[row["metric_code"]] = row
    portraits = sorted(rules)
    truth = rng.integers(0, len(portraits), clients_count)
    columns = {
        "visits_per_month": np.exp(rng.normal(1.6, 0.8, clients_count)),
        "volume_l_per_visit": np.exp(rng.normal(3.6, 0.35, clients_count)),
        "tenure_days": rng.uniform(60, 1500, clients_count),
        "shop_rub_per_visit": np.exp(rng.normal(4.5, 0.6, clients_count)),
        "night_share": rng.beta(2, 10, clients_count),
        "gap_days_cv": np.exp(rng.normal(-0.3, 0.3, clients_count)),
    }
    flags = {name: np.zeros(clients_count, dtype=bool) for name in _FLAGS}
    grade = rng.choice(["ai92", "ai95"], clients_count).astype(object)
    for i, code in enumerate(portraits):
        mine = np.flatnonzero(truth == i)
        flags["is_corporate"][mine] = code in CORPORATE
        flags["has_fuel_card"][mine] = code in CORPORATE
        flags["has_loyalty_card"][mine] = rng.random(len(mine)) < 0.4
        flags["has_contract"][mine] = (code in CORPORATE) & (rng.random(len(mine)) < 0.6)
        for metric_code, row in rules[code].items():
            if metric_code == "main_fuel_grade":
                grade[mine] = rng.choice(row["values"], len(mine))
            elif metric_code in flags:
                flags[metric_code][mine] = row["values"] == ["true"]
            elif metric_code == "tenure_days":
                low, high = (row["low"] or 0), (row["high"] or 1500)
                columns["tenure_days"][mine] = rng.uniform(low, high, len(mine))
            elif metric_code in columns:
                low, high = row["low"] or 0.0, row["high"]
                drawn = rng.normal((low + high) / 2, spread * (high - low), len(mine))
                columns[metric_code][mine] = np.maximum(drawn, 0.05)
        if code == "taxi_fleet":
            columns["night_share"][mine] = rng.beta(5, 8, len(mine))
        if code == "premium":
            columns["shop_rub_per_visit"][mine] *= 3
    table = {"client_id": np.arange(1, clients_count + 1), **columns}
    for name in GRADES:
        noise = rng.beta(1, 20, clients_count)
        table[f"{name}_share"] = np.where(grade == name, 1 - noise, noise / 6)
    table |= flags | {"main_fuel_grade": pa.array(grade, pa.string())}
    return pa.table(table), np.array(portraits, dtype=object)[truth]


_FLAGS = ("has_loyalty_card", "has_fuel_card", "has_contract", "is_corporate")
