"""Trials with a known effect of every client, for the tests and the benchmark of `ml.uplift`.

Thirty columns like those of a network: eleven groups of unequal size (an indicator each), skewed money and visits,
shares, flags, and ten columns without meaning. Noise is skewed, has a point mass at its lowest value, grows with
spending, and is several times the spread of the effects.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

GROUP_SHARES = (0.22, 0.17, 0.14, 0.11, 0.09, 0.08, 0.06, 0.05, 0.04, 0.03, 0.01)
GROUP_EFFECTS = (1.2, -0.9, 0.3, -0.3, 1.6, -1.4, 0.0, 0.8, -1.0, 2.0, -2.0)
MEANINGLESS = 10

TREATED_SHARE = {
    "none": 0.5,
    "constant": 0.5,
    "linear": 0.5,
    "groups": 0.3,
    "nonlinear": 0.7,
    "counts": 0.2,
    "binary": 0.5,
    "rare": 0.1,
}
WORLDS = tuple(TREATED_SHARE)


@dataclass(frozen=True)
class SimulatedTrial:
    """Data of a trial, and its truth.

    Attributes
    ----------
    X : DataFrame, shape (rows, 30)
    y, treatment : ndarrays, shape (rows,)
    effect : ndarray, shape (rows,)
        Expected effect of each client.
    group : ndarray of int, shape (rows,)
    """

    X: pd.DataFrame
    y: np.ndarray
    treatment: np.ndarray
    effect: np.ndarray
    group: np.ndarray


def trial(world: str, rows: int, rng: np.random.Generator) -> SimulatedTrial:
    """Draw a trial in one of `WORLDS`."""
    X, group = _columns(rows, rng)
    treatment = (rng.random(rows) < TREATED_SHARE[world]).astype(np.int64)
    base = 0.4 * np.log1p(X["spend"].to_numpy()) + 0.15 * np.cos(2 * group) + 0.3 * X["flag_1"].to_numpy()
    if world == "counts":
        mean = np.exp(0.6 * base)
        lift = 0.1 + 0.25 * X["flag_2"].to_numpy() - 0.2 * (X["share"].to_numpy() - 0.4)
        is_active = rng.random(rows) < 0.5
        y = rng.poisson(mean * (1 + lift * treatment) * rng.gamma(1, 1, rows)) * is_active
        return SimulatedTrial(X, y.astype(np.float64), treatment, 0.5 * mean * lift, group)
    if world == "binary":
        prob = 1 / (1 + np.exp(2.5 - base))
        effect = 0.03 * (1 + X["flag_1"].to_numpy() - 1.5 * (X["tenure"].to_numpy() - 0.5))
        effect = np.clip(effect, -prob, 1 - prob)
        y = (rng.random(rows) < prob + effect * treatment).astype(np.float64)
        return SimulatedTrial(X, y, treatment, effect, group)
    effect = _effect(world, X, group)
    noise = (rng.gamma(0.5, 1, rows) * (rng.random(rows) < 0.6) - 0.3) / 0.63
    return SimulatedTrial(X, base + noise * (0.6 + 0.4 * base) + effect * treatment, treatment, effect, group)


def _columns(rows: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    group = rng.choice(len(GROUP_SHARES), rows, p=GROUP_SHARES)
    columns = {f"group_{k}": (group == k).astype(np.float64) for k in range(len(GROUP_SHARES))}
    visits = rng.gamma(1.5, 2.0, rows) * (1 + 0.5 * np.sin(group))
    columns |= {
        "visits": visits,
        "spend": visits * rng.lognormal(0, 0.6, rows),
        "recency": rng.exponential(1, rows) / (1 + visits),
        "share": rng.beta(2, 3, rows),
        "tenure": rng.uniform(0, 1, rows),
    }
    columns |= {f"flag_{k}": (rng.random(rows) < 0.2 + 0.15 * k).astype(np.float64) for k in range(4)}
    for k in range(MEANINGLESS):
        columns[f"other_{k}"] = rng.normal(size=rows) if k % 2 else rng.lognormal(0, 1, rows)
    return pd.DataFrame(columns), group


def _effect(world: str, X: pd.DataFrame, group: np.ndarray) -> np.ndarray:
    visits, tenure, flag = (X[name].to_numpy() for name in ("visits", "tenure", "flag_3"))
    if world == "none":
        return np.zeros(len(X))
    if world == "constant":
        return np.full(len(X), 0.15)
    if world in ("linear", "rare"):
        return 0.1 + 0.1 * (np.log1p(X["spend"].to_numpy()) - 1.2) + 0.2 * (tenure - 0.5) + 0.15 * (flag - 0.65)
    if world == "groups":
        return 0.1 + 0.15 * np.asarray(GROUP_EFFECTS)[group]
    return 0.35 * ((visits > 3) & (tenure > 0.4)) - 0.2 * ((visits < 1.5) & (flag > 0))
