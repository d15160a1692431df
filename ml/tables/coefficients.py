"""Components of profit: layout of the coefficients that give profit at other costs, margins and horizons.

Four components per offered client and month: the effects on fuel margin and on shop sales, and the visits and litres on
which the offer is used. Profit at any cost is a linear combination of them; its variance is a quadratic form of their
covariance.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import with_nulls

PARTS = ("fuel", "shop", "visits", "litres")
EFFECTS = (
    "fuel_margin_rub_per_client_per_month",
    "shop_rub_per_client_per_month",
    "served_visits_per_client_per_month",
    "served_volume_l_per_client_per_month",
)
COVARIANCES = tuple(f"covariance_{a}_{b}" for i, a in enumerate(PARTS) for b in PARTS[i:])
FACTORS = ("margin_t_factor", "cost_low_factor", "cost_high_factor", "profit_t_factor")


def coefficients(effects: np.ndarray, covariance: np.ndarray) -> dict[str, float]:
    """Return the columns `EFFECTS` and `COVARIANCES` from arrays of shapes (parts,) and (parts, parts)."""
    upper = covariance[np.triu_indices(len(PARTS))]
    return dict(zip((*EFFECTS, *COVARIANCES), (*effects.tolist(), *upper.tolist()), strict=True))


def empty_row(feature_code: str, portrait_code: str | None) -> dict[str, Any]:
    """Return a row without an estimate."""
    return {"feature_code": feature_code, "portrait_code": portrait_code, "estimated_count": 0}


def to_table(rows: list[dict[str, Any]], basis_code: str) -> pa.Table:
    """Build a table sorted by feature and portrait, the whole feature first; keys missing from a row become null."""
    rows = sorted(rows, key=lambda row: (row["feature_code"], row["portrait_code"] or ""))
    columns: dict[str, pa.Array] = {
        "feature_code": pa.array([row["feature_code"] for row in rows], pa.string()),
        "portrait_code": pa.array([row["portrait_code"] for row in rows], pa.string()),
        "basis_code": pa.array([basis_code] * len(rows), pa.string()),
        "estimated_count": pa.array([row["estimated_count"] for row in rows], pa.int64()),
    }
    for name in ("fuel_margin_rub_per_l", *EFFECTS, *COVARIANCES, *FACTORS):
        columns[name] = with_nulls(np.array([row.get(name, np.nan) for row in rows], dtype=np.float64))
    return pa.table(columns)
