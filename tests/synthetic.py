"""Small synthetic runs, rules and modifiers with planted parameters."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from generator.config import Run, load_run
from generator.network import Network, build_network
from generator.people.clients import People, draw_people
from generator.visits.fills import Fills, History, draw_history
from vocabulary.codes import UNDEFINED
from vocabulary.rules import EFFECTS

REFERENCE = Path(__file__).parents[1] / "data" / "reference"


@dataclass(frozen=True)
class Block:
    """Everything drawn for one block of a run."""

    run: Run
    network: Network
    people: People
    history: History

    @property
    def fills(self) -> Fills:
        """Fills of the history."""
        return self.history.fills


def make_run(knobs=None, **changes):
    """Return the default test run (one block, 12 months, seed 42); `knobs` replace those of twin.json."""
    parameters = {"seed": 42, "clients": 1000, "months": 12, "period_start": "2025-01-01"} | changes
    run = load_run(REFERENCE, **parameters)
    return replace(run, params=run.params | {"knobs": run.params["knobs"] | (knobs or {})})


def planted(run, **sections):
    """Return the run with other parameter values: ``planted(run, shop={"entry_prob": 1.0})``."""
    return replace(run, params=run.params | {name: run.params[name] | values for name, values in sections.items()})


def draw_block(run):
    """Draw the first block of a run."""
    network = build_network(run)
    people = draw_people(run, network, 0)
    return Block(run, network, people, draw_history(run, people, 0))


def reference_features():
    """Return the product features of the reference data, flattened for the generator."""
    document = json.loads((REFERENCE / "feature_hypotheses.json").read_text(encoding="utf-8"))
    return [
        {"feature_code": feature["feature_code"], "acts_on": feature["acts_on"]}
        | {f"cost_{name}": value for name, value in feature["cost"].items()}
        | feature["adoption"]
        for feature in document["features"]
    ]


def rule(feature_code, portrait_code=UNDEFINED, modifiers=(), **effects):
    """Build a behaviour rule without uncertainty; missing effects are 0. Without a portrait it is the default."""
    values = dict.fromkeys(EFFECTS, 0.0) | effects
    keys = {
        "feature_code": feature_code,
        "portrait_code": portrait_code,
        "is_default": portrait_code == UNDEFINED,
        "modifiers_json": json.dumps(modifiers),
    }
    return keys | {
        key: value for name in EFFECTS for key, value in ((f"{name}_mean", values[name]), (f"{name}_sd", 0.0))
    }


def modifier(code="card", metric_code="has_loyalty_card", values=(True,), sd=0.0, **factors):
    """Build a modifier that applies to clients who meet a condition."""
    drawn = {name: {"mean": mean, "sd": sd} for name, mean in factors.items()}
    return {"modifier_code": code, "metric_code": metric_code, "values": list(values), "factors": drawn}
