"""Behaviour rules as distributions: what the business assumes, and how unsure it is."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from ml.columns import require
from ml.errors import DuplicateKeyError, InvalidValueError, UnknownCodeError
from ml.streams import stream

LIMITS = {
    "response_prob": (0.0, 1.0),
    "visits_change": (-0.9, 3.0),
    "volume_per_visit_change": (-0.9, 3.0),
    "shop_change": (-0.9, 3.0),
}
"""Draws are cut here: a probability stays one, and a change cannot take more than there is."""


def read_rules(rules: pa.Table, feature_codes: Iterable[str]) -> dict[tuple[str, str], dict]:
    """Rules by (portrait_code, feature_code).

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
        A feature that is not defined, two rules for a cell, a mean outside `LIMITS`, a negative sd.
    """
    known = set(feature_codes)
    numbers = [f"{name}_{part}" for name in LIMITS for part in ("mean", "sd")]
    require(rules, ["portrait_code", "feature_code", *numbers], "behaviour rules")
    result: dict[tuple[str, str], dict] = {}
    for row in rules.to_pylist():
        key = (row["portrait_code"], row["feature_code"])
        where = f"behaviour rule of portrait '{key[0]}', feature '{key[1]}'"
        if key[1] not in known:
            raise UnknownCodeError("feature_code", key[1], where, known)
        if key in result:
            raise DuplicateKeyError("behaviour rules", "portrait × feature", key)
        for name, (low, high) in LIMITS.items():
            mean, sd = row[f"{name}_mean"], row[f"{name}_sd"]
            if mean is None or not low <= mean <= high:
                raise InvalidValueError(f"{name} mean", mean, where, f"{low} to {high}")
            if sd is None or not 0 <= sd < np.inf:
                raise InvalidValueError(f"{name} sd", sd, where, "0 or more")
        result[key] = row
    return result


def draw_rules(rule: dict, seed: int, draws_count: int) -> dict[str, np.ndarray]:
    """Draws of a rule's numbers, the means first: arrays of shape (draws_count + 1,).

    Normal, cut to `LIMITS`; a stream of its own per portrait × feature, so that editing one rule
    leaves the draws of the others.
    """
    rng = stream(seed, "rules", rule["portrait_code"], rule["feature_code"])
    drawn = {}
    for name, (low, high) in LIMITS.items():
        noise = rng.standard_normal(draws_count)
        values = rule[f"{name}_mean"] + rule[f"{name}_sd"] * noise
        drawn[name] = np.r_[rule[f"{name}_mean"], np.clip(values, low, high)]
    return drawn
