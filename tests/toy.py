"""Toy clients with a known portrait and toy outcomes with a known effect, for tests and examples.

Not the generator of the product (there are no stations, prices or visits): a mixture drawn around the
criteria, so that a test can compare an estimate with its truth.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from ml.tables.columns import as_text

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
FLAGS = ("has_loyalty_card", "has_fuel_card", "has_contract", "is_corporate")
CORPORATE = ("corporate_fleet", "taxi_fleet", "freight", "service_vehicles", "regular_corporate")


def read_criteria(path: Path) -> pa.Table:
    """Read the criteria of `portraits.json` as the table expected by `ml.portraits.model`."""
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
    """Draw clients around the criteria of equally frequent portraits.

    Parameters
    ----------
    spread : float
        Standard deviation of a metric around the middle of its range, relative to the width:
        0.2 keeps clients well inside, 0.5 lets neighbours overlap.

    Returns
    -------
    metrics : pyarrow.Table
        Client metrics.
    portrait_code : ndarray of str, shape (clients_count,)
        True portraits.
    """
    rules: dict[str, dict] = {}
    for row in criteria.to_pylist():
        rules.setdefault(row["portrait_code"], {})[row["metric_code"]] = row
    portraits = sorted(rules)
    truth = rng.integers(0, len(portraits), clients_count)
    columns = {
        "visits_per_month": np.exp(rng.normal(1.6, 0.8, clients_count)),
        "volume_l_per_visit": np.exp(rng.normal(3.6, 0.35, clients_count)),
        "tank_volume_mean_l": np.exp(rng.normal(4.1, 0.3, clients_count)),
        "tenure_days": rng.uniform(60, 1500, clients_count),
        "shop_rub_per_visit": np.exp(rng.normal(4.5, 0.6, clients_count)),
        "night_share": rng.beta(2, 10, clients_count),
        "gap_days_cv": np.exp(rng.normal(-0.3, 0.3, clients_count)),
    }
    for metric_code in sorted(_range_metrics(criteria) - set(columns)):
        columns[metric_code] = rng.random(clients_count)
    flags = {name: np.zeros(clients_count, dtype=bool) for name in FLAGS}
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
            elif row["kind"] == "range":
                columns[metric_code][mine] = _inside(rng, row, spread, len(mine))
        if code == "taxi_fleet":
            columns["night_share"][mine] = rng.beta(5, 8, len(mine))
        if code == "premium":
            columns["shop_rub_per_visit"][mine] *= 3
    # All vehicles of a toy client have the same tank.
    columns["tank_volume_l"] = columns["tank_volume_mean_l"]
    table = {"client_id": np.arange(1, clients_count + 1), **columns}
    for name in GRADES:
        noise = rng.beta(1, 20, clients_count)
        table[f"{name}_share"] = np.where(grade == name, 1 - noise, noise / 6)
    table |= flags | {"main_fuel_grade": pa.array(grade, pa.string())}
    return pa.table(table), np.array(portraits, dtype=object)[truth]


def _range_metrics(criteria: pa.Table) -> set[str]:
    return {row["metric_code"] for row in criteria.to_pylist() if row["kind"] == "range"}


def _inside(rng: np.random.Generator, row: dict, spread: float, count: int) -> np.ndarray:
    """Draw around the middle of a soft range, or uniformly in a hard range or one without an upper bound."""
    low = row["low"] or 0.0
    high = 20 * max(low, 0.05) if row["high"] is None else row["high"]
    if row["is_hard"] or row["high"] is None:
        return rng.uniform(low, high, count)
    return np.maximum(rng.normal((low + high) / 2, spread * (high - low), count), 0.05)


def trial(
    rng: np.random.Generator,
    strata: dict[str, int],
    *,
    effect: float | dict[str, float] = 0.0,
    feature_code: str = "free_coffee",
    treated_share: float = 0.5,
    new_share: float = 0.1,
    cost_rub: float = 20.0,
) -> pa.Table:
    """Draw the outcomes of a 12-week trial with a known true effect.

    Parameters
    ----------
    strata : dict of str to int
        Eligible clients by portrait.
    effect : float or dict of str to float
        Relative change of the expected visits of a treated client, for all portraits or by portrait.
    new_share : float
        Share of clients without a pre-period.
    cost_rub : float
        Cost per visit of a treated client.

    Returns
    -------
    pyarrow.Table
        Outcomes for `ml.trials.analysis.analyse`. Expected visits of a client in control are ``2.76 · rate``, with a
        gamma-distributed rate of mean 5 a month; a visit is 40 l, 2,500 ₽ (100 ₽ of it shop on average), margin 300 ₽.
    """
    tables, start = [], 1
    for portrait_code in sorted(strata):
        count = strata[portrait_code]
        change = effect.get(portrait_code, 0.0) if isinstance(effect, dict) else effect
        rate = rng.gamma(4, 1.25, count)
        treated = rng.permutation(count) < round(treated_share * count)
        visits = rng.poisson(2.76 * rate * np.where(treated, 1 + change, 1.0)).astype(float)
        before = rng.poisson(3 * rate) / 3
        is_new = rng.random(count) < new_share
        shop = visits * 100 * rng.gamma(4, 0.25, count)
        shop_before = before * 100 * rng.gamma(4, 0.25, count)
        columns = {
            "client_id": np.arange(start, start + count),
            "feature_code": pa.repeat(feature_code, count),
            "portrait_code": pa.repeat(portrait_code, count),
            "is_treated": treated,
            "has_responded": treated & (rng.random(count) < 0.4),
            "visits_count": visits,
            "volume_l": visits * 40,
            "revenue_rub": visits * 2400 + shop,
            "shop_amount_rub": shop,
            "margin_rub": visits * 300,
            "cost_rub": np.where(treated, cost_rub * visits, 0.0),
        }
        known = {
            "pre_visits_per_month": before,
            "pre_volume_l_per_month": before * 40,
            "pre_revenue_rub_per_month": before * 2400 + shop_before,
            "pre_margin_rub_per_month": before * 300,
            "pre_shop_rub_per_month": shop_before,
        }
        columns |= {name: pa.array(values, mask=is_new) for name, values in known.items()}
        tables.append(pa.table(columns))
        start += count
    return pa.concat_tables(tables)


def window(
    rng: np.random.Generator,
    strata: dict[str, int],
    *,
    feature_code: str = "free_coffee",
    new_share: float = 0.0,
    stations_count: int = 20,
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Draw the 90 days before a `trial`, of other clients from the same distribution.

    Returns
    -------
    blocks, profiles, arms : pyarrow.Table
        Tables for `ml.planning.planner.plan`: six blocks of 15 days, or of 5 for new clients. A client's shop bill per
        visit is drawn for each half of the window, as it is for each period of a trial.
    """
    portrait = np.repeat(sorted(strata), [strata[code] for code in sorted(strata)])
    count = len(portrait)
    client_id = np.arange(1, count + 1)
    is_new = rng.random(count) < new_share
    days = np.where(is_new, 5, 15)[:, None] * np.ones((1, 6))
    visits = rng.poisson(rng.gamma(4, 1.25, count)[:, None] * days / 30.4375).astype(float)
    shop = visits * 100 * np.repeat(rng.gamma(4, 0.25, (count, 2)), 3, axis=1)
    blocks = {"days_count": days, "visits_count": visits, "volume_l": visits * 40}
    blocks |= {"spend_rub": visits * 2400 + shop, "shop_rub": shop}
    return (
        pa.table(
            {"client_id": np.repeat(client_id, 6), "block_number": np.tile(np.arange(1, 7), count)}
            | {name: values.ravel() for name, values in blocks.items()}
        ),
        pa.table(
            {
                "client_id": client_id,
                "has_pre_period": ~is_new,
                "vehicles_count": np.ones(count),
                "home_station_id": rng.integers(1, stations_count + 1, count),
            }
        ),
        pa.table(
            {
                "client_id": client_id,
                "feature_code": pa.repeat(feature_code, count),
                "portrait_code": portrait,
                "is_eligible": np.ones(count, dtype=bool),
            }
        ),
    )
