"""Behaviour rules as distributions: the business assumptions and their uncertainty."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import require
from ml.tables.conditions import is_eligible
from ml.tables.errors import DuplicateKeyError, InvalidValueError, UnknownCodeError
from ml.tables.random import stream
from vocabulary.rules import LIMITS


def read_rules(rules: pa.Table, feature_codes: Iterable[str]) -> dict[tuple[str, str], dict]:
    """Return rules by (portrait_code, feature_code), with `modifiers_json`, if present, parsed as `modifiers`.

    Raises
    ------
    MissingColumnError, UnknownCodeError, DuplicateKeyError, InvalidValueError
        Unknown feature, two rules for one cell, a mean outside `vocabulary.rules.LIMITS`, a negative sd.
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
        result[key] = row | {"modifiers": modifiers_of(row)}
    return result


def modifiers_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Modifiers of a rule's feature, as in ``behavior_rules.json``."""
    return json.loads(row.get("modifiers_json") or "[]")


def met_modifiers(clients: pa.Table, rows: np.ndarray, modifiers: list[dict[str, Any]]) -> np.ndarray:
    """Whether the clients in `rows` meet each modifier, shape (rows, modifiers); False where the metric is unknown."""
    names = sorted({modifier["metric_code"] for modifier in modifiers})
    require(clients, names, "client metrics")
    traits = clients.select(names).take(pa.array(rows))
    met = [is_eligible(traits, [modifier]) for modifier in modifiers]
    return np.column_stack(met) if met else np.zeros((len(rows), 0), dtype=bool)


def response_share(rule: Mapping[str, Any], clients: pa.Table, rows: np.ndarray) -> float:
    """Expected share of the clients in `rows` that respond: response probability of the portrait × modifiers."""
    modifiers = [item for item in modifiers_of(rule) if "response_prob" in item["factors"]]
    if not modifiers or len(rows) == 0:
        return rule["response_prob_mean"]
    factors = np.array([item["factors"]["response_prob"]["mean"] for item in modifiers])
    factor = np.where(met_modifiers(clients, rows, modifiers), factors, 1.0).prod(axis=1)
    return float(np.minimum(rule["response_prob_mean"] * factor, 1.0).mean())


def draw_modifiers(rule: dict, seed: int, draws_count: int) -> list[dict[str, np.ndarray]]:
    """Draw the factors of each modifier, with the means first: arrays of shape (draws_count + 1,) by effect.

    One stream per feature × modifier, shared by all portraits, because a factor is a single unknown number.
    """
    drawn = []
    for modifier in rule["modifiers"]:
        rng = stream(seed, "modifiers", rule["feature_code"], modifier["modifier_code"])
        noise = dict(zip(LIMITS, rng.standard_normal((len(LIMITS), draws_count)), strict=True))
        drawn.append(
            {
                name: np.maximum(np.r_[factor["mean"], factor["mean"] + factor["sd"] * noise[name]], 0)
                for name, factor in modifier["factors"].items()
            }
        )
    return drawn


def modify(drawn: dict[str, np.ndarray], factors: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Multiply the draws of a rule by those of its modifiers, clipped to `vocabulary.rules.LIMITS` again."""
    result = dict(drawn)
    for factor in factors:
        result |= {name: result[name] * values for name, values in factor.items()}
    return {name: np.clip(values, *LIMITS[name]) for name, values in result.items()}


def draw_rules(rule: dict, seed: int, draws_count: int) -> dict[str, np.ndarray]:
    """Draw the effects of a rule, with the means first: arrays of shape (draws_count + 1,).

    Normal, clipped to `vocabulary.rules.LIMITS`. One stream per portrait × feature, so that editing one rule does not
    change the draws of the others.
    """
    rng = stream(seed, "rules", rule["portrait_code"], rule["feature_code"])
    drawn = {}
    for name, (low, high) in LIMITS.items():
        noise = rng.standard_normal(draws_count)
        values = rule[f"{name}_mean"] + rule[f"{name}_sd"] * noise
        drawn[name] = np.r_[rule[f"{name}_mean"], np.clip(values, low, high)]
    return drawn
