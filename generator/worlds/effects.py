"""True effects: seeded draws around the behaviour rules, which are therefore an informed guess and not the answer."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from generator.config import Run
from generator.people.clients import People
from generator.people.traits import meets
from generator.streams import stream
from vocabulary.codes import UNDEFINED
from vocabulary.rules import EFFECTS, LIMITS


@dataclass(frozen=True)
class Modifier:
    """How clients with a trait differ from others of their portrait.

    Attributes
    ----------
    condition : dict
        See `generator.people.traits.meets`.
    factors : dict of str to float
        Drawn true factors on some of `EFFECTS`.
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
        rub_per_visit, rub_per_l (of responding clients), rub_per_client_per_month (of all treated clients).
    acts_on_station : bool
        True: the feature works only at the client's home station, for everyone who comes there. False: it works
        wherever the client comes.
    ramp_weeks, half_life_weeks : float
        How interest rises and fades.
    effects : dict of str to dict
        Portrait → drawn true effect by the names of `EFFECTS`; a client type that is no portrait responds as
        `undefined`.
    modifiers : tuple of Modifier
    """

    code: str
    cost: dict[str, float]
    acts_on_station: bool
    ramp_weeks: float
    half_life_weeks: float
    effects: dict[str, dict[str, float]]
    modifiers: tuple[Modifier, ...] = ()

    def interest(self, weeks: int) -> np.ndarray:
        """Share of willing clients that are active in weeks 1 … `weeks`, shape (weeks,)."""
        week = np.arange(1, weeks + 1)
        ramp = np.minimum(1.0, week / self.ramp_weeks) if self.ramp_weeks > 0 else np.ones(weeks)
        return ramp * 0.5 ** (np.maximum(0.0, week - self.ramp_weeks) / self.half_life_weeks)

    def effect(self, portraits: np.ndarray, name: str) -> np.ndarray:
        """One effect for each person's portrait, shape (people,)."""
        codes, inverse = np.unique(portraits.astype(str), return_inverse=True)
        known = self.effects
        return np.array([known.get(code, known[UNDEFINED])[name] for code in codes])[inverse]

    def factors(self, run: Run, people: People) -> dict[str, np.ndarray]:
        """Product of the factors of all modifiers each person meets, by the names of `EFFECTS`; shapes (people,)."""
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
        Seed of the run. Each feature × portrait and each feature × modifier has its own stream, so that editing one
        does not change the others.
    features : list of dict
        feature_code, acts_on, cost_rub_per_visit, cost_rub_per_l, cost_rub_per_client_per_month, ramp_weeks,
        half_life_weeks.
    rules : list of dict
        One per feature × portrait, including `undefined`: feature_code, portrait_code, is_default (the rule is the
        feature's default, and all portraits with the default share one draw), ``<effect>_mean``, ``<effect>_sd``, and
        modifiers_json (as in ``behavior_rules.json``; the same for all portraits of a feature).
    """
    drawn: dict[str, dict[str, dict[str, float]]] = {feature["feature_code"]: {} for feature in features}
    modifiers: dict[str, tuple[Modifier, ...]] = {}
    for rule in rules:
        code, portrait = rule["feature_code"], rule["portrait_code"]
        rng = stream(seed, "effects", code, "" if rule["is_default"] else portrait)
        drawn[code][portrait] = {
            name: float(np.clip(rng.normal(rule[f"{name}_mean"], rule[f"{name}_sd"]), *LIMITS[name]))
            for name in EFFECTS
        }
        if portrait == UNDEFINED:
            modifiers[code] = _draw_modifiers(seed, rule)
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
    for modifier in json.loads(rule["modifiers_json"]):
        noise = stream(seed, "modifiers", rule["feature_code"], modifier["modifier_code"]).standard_normal(len(EFFECTS))
        noise_of = dict(zip(EFFECTS, noise, strict=True))
        factors = modifier["factors"].items()
        drawn.append(
            Modifier(modifier, {name: max(0.0, of["mean"] + of["sd"] * float(noise_of[name])) for name, of in factors})
        )
    return tuple(drawn)
