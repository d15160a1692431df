"""Replicates of the trials of a warehouse's clients: new assignments, new outcomes."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from generator.config import load_run
from generator.worlds.replay import Replay
from lab.trials.grades import Replicate, replicate, reveal
from ml.tables.features import read_features
from ml.trials.analysis import analyse
from ml.trials.assignment import assign_arms
from ml.trials.outcomes import PRE_PERIOD, TRAITS
from twinlab.parameters import Parameters
from vocabulary.rules import EFFECTS

CHANGES = tuple(name for name in EFFECTS if name != "response_prob")
_STEP = 20


@dataclass(frozen=True)
class Setup:
    """What every replicate starts from.

    Attributes
    ----------
    reference : Path
        Folder of the JSON files.
    parameters : Parameters
        Of the run.
    features : list of dict
        Rows of ``stg_reference__features``.
    rules : list of dict
        Rows of ``int_rules``.
    clients, before : pyarrow.Table
        Clients with their portraits and metrics, and what is known of each before the trial.
    """

    reference: Path
    parameters: Parameters
    features: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    clients: pa.Table
    before: pa.Table

    @property
    def settings(self) -> dict[str, Mapping[str, Any]]:
        """Features as the analysis takes them, by code."""
        return {each["feature_code"]: each for each in read_features(pa.Table.from_pylist(self.features))}

    @property
    def weeks(self) -> int:
        """Of the horizon."""
        return self.features[0]["horizon_weeks"]


def read_setup(connection: duckdb.DuckDBPyConnection, reference: Path, parameters: Parameters) -> Setup:
    """Read from a warehouse what its trials start from.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse with ``experiments.experiment_outcomes`` and its ancestors.
    reference : Path
        Folder that it was built from.
    parameters : Parameters
        Of its run.
    """
    columns = ", ".join(["client_id", *PRE_PERIOD.values(), *TRAITS])
    known_before = f"select distinct {columns} from experiments.experiment_outcomes order by client_id"
    return Setup(
        reference,
        parameters,
        connection.sql("from staging.stg_reference__features").to_arrow_table().to_pylist(),
        connection.sql("from intermediate.int_rules").to_arrow_table().to_pylist(),
        connection.sql("from portraits.client_profiles order by client_id").to_arrow_table(),
        connection.sql(known_before).to_arrow_table(),
    )


def without_effects(rules: Iterable[Mapping[str, Any]], features: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rules without the effects of some features: clients respond to them, and change nothing."""
    gone = set(features)
    nothing = {f"{name}_{part}": 0.0 for name in CHANGES for part in ("mean", "sd")}
    return [dict(rule) | (nothing if rule["feature_code"] in gone else {}) for rule in rules]


def repeat(
    setup: Setup,
    rules: list[dict[str, Any]],
    numbers: Sequence[int],
    *,
    jobs: int | None = None,
    counted: Callable[[int], None] = lambda _: None,
) -> list[Replicate]:
    """Repeat all trials.

    Parameters
    ----------
    setup : Setup
    rules : list of dict
        True in this world.
    numbers : sequence of int
        Of the replicates: each is the seed of its assignment and the name of its random streams.
    jobs : int, optional
        Processes; as many as cores by default.
    counted : callable, optional
        Called after each replicate with their number so far.

    Returns
    -------
    list of Replicate
        In the order of `numbers`.
    """
    jobs = jobs or os.cpu_count() or 1
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(setup, rules)) as pool:
        found = []
        try:
            for each in pool.map(_one, numbers, chunksize=_STEP):
                found.append(each)
                counted(len(found))
        except BaseException:
            # An interrupt does not wait for hundreds of queued replicates.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return found


_trial: tuple[Setup, Replay]


def _start(setup: Setup, rules: list[dict[str, Any]]) -> None:
    global _trial  # noqa: PLW0603 - what a process of the pool starts from
    parameters = setup.parameters
    run = load_run(
        setup.reference,
        seed=parameters.seed,
        clients=parameters.clients,
        months=parameters.months,
        period_start=parameters.period_start,
    )
    _trial = setup, Replay(run, setup.features, rules, setup.weeks)


def _one(number: int) -> Replicate:
    setup, replay = _trial
    settings = list(setup.settings.values())
    arms = assign_arms(setup.clients, settings, seed=number)
    worlds = pa.concat_tables(replay.draw(number))
    results = analyse(reveal(arms, worlds, setup.before), settings, horizon_weeks=setup.weeks)
    return replicate(arms, worlds, *results)
