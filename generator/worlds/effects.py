"""True effects: seeded draws around the behaviour rules, so that the rules are an informed guess and not the answer."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from generator.config import Run
from generator.people.clients import People
from generator.people.traits import meets
from generator.streams import stream

EFFECTS = ("response_prob", "visits_change", "volume_per_visit_change", "shop_change")
LIMITS = {"response_prob": (0.0, 1.0)}
CHANGE_LIMITS = (-0.9, 3.0)


@dataclass(frozen=True)
class Modifier:
    """How clients of a trait differ from others of their portrait.

    Attributes
    ----------
    condition : dict
        See `generator.people.traits.meets`.
    factors : dict of str to float
        Drawn true factor on some of `EFFECTS`.
    """

    condition: dict[str, Any]
    factors: dict[str, float]


@dataclass(frozen=True)
class Feature:
    """A product feature as the generator needs it.

    Attributes
    ----------
    code : str
    cost : dict
        rub_per_visit, rub_per_l (of responding clients), rub_per_client_per_month (of all that are offered it).
    acts_on_station : bool
        It works at the client's home station and nowhere else, for all who come there; else wherever the client comes.
    ramp_weeks, half_life_weeks : float
        How interest grows and fades.
    effects : dict of str to dict
        Portrait → drawn true effect by the names of `EFFECTS`; ``None`` is for any other portrait.
    modifiers : tuple of Modifier
    """

    code: str
    cost: dict[str, float]
    acts_on_station: bool
    ramp_weeks: float
    half_life_weeks: float
    effects: dict[str | None, dict[str, float]]
    modifiers: tuple[Modifier, ...] = ()

    def interest(self, weeks: int) -> np.ndarray:
        """Share of willing clients that are active in weeks 1 … `weeks`, shape (weeks,)."""
        week = np.arange(1, weeks + 1)
        ramp = np.minimum(1.0, week / self.ramp_weeks) if self.ramp_weeks > 0 else np.ones(weeks)
        return ramp * 0.5 ** (np.maximum(0.0, week - self.ramp_weeks) / self.half_life_weeks)

    def effect(self, portraits: np.ndarray, name: str) -> np.ndarray:
        """Look one effect up for each person's portrait, shape (people,)."""
        codes, inverse = np.unique(portraits.astype(str), return_inverse=True)
        known = self.effects
        return np.array([known.get(code, known[None])[name] for code in codes])[inverse]

    def factors(self, run: Run, people: People) -> dict[str, np.ndarray]:
        """Multiply the factors of all modifiers that a person meets: by the names of `EFFECTS`, shapes (people,)."""
        result = {name: np.ones(len(people.number)) for name in EFFECTS}
        for modifier in self.modifiers:
            is_met = meets(run, people, modifier.condition)
            for name, factor in modifier.factors.items():
                result[name] *= np.where(is_met, factor, 1.0)
        return result


def draw_features(seed: int, features: list[dict[str, Any]], rules: list[dict[str, Any]]) -> list[Feature]:
    """Draw the true effect of every feature on every portrait, and the true factors of its modifiers.

    Parameters
    ----------
    seed : int
        Seed of the run; a stream of its own for each feature × portrait, and for each feature × modifier, so that
        editing one leaves the others.
    features : list of dict
        feature_code, acts_on, cost_rub_per_visit, cost_rub_per_l, cost_rub_per_client_per_month, ramp_weeks,
        half_life_weeks.
    rules : list of dict
        feature_code, portrait_code (None for the feature's default), and ``<effect>_mean``, ``<effect>_sd``; of the
        default, ``modifiers_json`` (as in ``behavior_rules.json``; may be missing).
    """
    drawn: dict[str, dict[str | None, dict[str, float]]] = {feature["feature_code"]: {} for feature in features}
    modifiers: dict[str, tuple[Modifier, ...]] = {}
    for rule in rules:
        portrait = rule["portrait_code"]
        rng = stream(seed, "effects", rule["feature_code"], portrait or "")
        drawn[rule["feature_code"]][portrait] = {
            name: float(np.clip(rng.normal(rule[f"{name}_mean"], rule[f"{name}_sd"]), *LIMITS.get(name, CHANGE_LIMITS)))
            for name in EFFECTS
        }
        if portrait is None:
            modifiers[rule["feature_code"]] = _draw_modifiers(seed, rule)
    return [
        Feature(
            code=feature["feature_code"],
            cost={name: feature[f"cost_{name}"] for name in ("rub_per_visit", "rub_per_l", "rub_per_client_per_month")},
            acts_on_station=feature["acts_on"] == "station",
            ramp_weeks=feature["ramp_weeks"],
            half_life_weeks=feature["half_life_weeks"],
            effects=drawn[feature["feature_code"]],
            modifiers=modifiers.get(feature["feature_code"], ()),
        )
        for feature in sorted(features, key=lambda feature: feature["feature_code"])
    ]


def _draw_modifiers(seed: int, rule: dict[str, Any]) -> tuple[Modifier, ...]:
    drawn = []
    for modifier in json.loads(rule.get("modifiers_json") or "[]"):
        noise = stream(seed, "modifiers", rule["feature_code"], modifier["modifier_code"]).standard_normal(len(EFFECTS))
        luck = dict(zip(EFFECTS, noise, strict=True))
        factors = modifier["factors"].items()
        drawn.append(
            Modifier(modifier, {name: max(0.0, of["mean"] + of["sd"] * float(luck[name])) for name, of in factors})
        )
    return tuple(drawn)
