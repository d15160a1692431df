"""Sensitivity of the portraits to their settings: one changed at a time, against the usual ones and the truth.

For evaluation only: it reads the truth. The clients are those of `lab.portraits.grades`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from lab.portraits.grades import TWINLAB, graded_clients, values_of
from lab.portraits.grading import grade_labels, macro_f1_difference, reliability
from ml.portraits.decision import decide
from ml.portraits.model import Settings, fit, score
from ml.portraits.space import SPACE_METRICS
from ml.tables.columns import require
from ml.tables.errors import InvalidValueError
from ml.tables.intervals import Estimate
from ml.tables.random import stream
from vocabulary.codes import UNDEFINED

NORMAL = 1e6
"""Degrees of freedom at which a t is a normal distribution to six digits."""

VALUES: Mapping[str, tuple[float, ...]] = {
    "criteria_weight": (0.1, 0.15, 0.35, 0.5, 1.0),
    "degrees": (4.0, 20.0, NORMAL),
    "min_share": (0.0, 0.02, 0.1, 0.2),
    "share_visits": (0.0, 2.0, 10.0, 20.0),
    "anywhere_share": (1e-4, 1e-2),
}
"""Values of the numeric settings other than the usual one."""

FURTHER = {
    "night_share": ("night_share",),
    "payment_shares": ("app_share", "card_share", "cash_share"),
    "weekend_share": ("weekend_share",),
    "gap_days_cv": ("gap_days_cv",),
    "spend_rub_per_visit": ("spend_rub_per_visit",),
    "shop_rub_per_visit": ("shop_rub_per_visit",),
    "stations_count": ("stations_count",),
}
"""Further metrics for the mixture."""

SAMPLES = ((5_000, 3), (20_000, 1))
"""Clients of a sample to fit on, and number of samples of that size."""


@dataclass(frozen=True)
class Variation:
    """Settings with one that is not the usual one.

    Attributes
    ----------
    code : str
    setting_code : str
        The one: a field of `ml.portraits.model.Settings`; `TWINLAB` where all are the usual ones.
    value : str
        Its value.
    settings : Settings
    seed_shift : int
        Added to the seed, so that another sample is drawn.
    """

    code: str
    setting_code: str
    value: str
    settings: Settings
    seed_shift: int = 0


@dataclass(frozen=True)
class Graded:
    """Grades of a variation.

    Attributes
    ----------
    variation : Variation
    macro_f1 : float
        `undefined` is an error.
    difference : Estimate
        Macro-F1 of the usual settings less that of the variation, with a 95 % interval over clients.
    ece : float
        Calibration error of clients with a portrait; NaN without one.
    undefined_share : float
        Clients without a portrait (0–1).
    same_share : float
        Clients with the same portrait as by the usual settings (0–1).
    """

    variation: Variation
    macro_f1: float
    difference: Estimate
    ece: float
    undefined_share: float
    same_share: float


def _variations() -> Iterator[Variation]:
    usual = Settings()
    for name, values in VALUES.items():
        for value in values:
            text = f"{value:.10g}"
            changed: dict[str, Any] = {name: value}
            yield Variation(f"{name}_{text}", name, text, replace(usual, **changed))
    for code in SPACE_METRICS:
        yield Variation(f"left_out_{code}", "left_out", code, replace(usual, left_out=(code,)))
    for name, codes in FURTHER.items():
        yield Variation(f"further_{name}", "further", name, replace(usual, further=codes))
    for clients, samples in SAMPLES:
        for number in range(samples):
            code, text = f"fit_clients_{clients}_{number + 1}", f"{clients:,} no. {number + 1}"
            yield Variation(code, "fit_clients", text, replace(usual, fit_clients=clients), number)


USUAL = Variation(TWINLAB, TWINLAB, "", Settings())
VARIATIONS = tuple(_variations())


def grade_settings(
    metrics: pa.Table,
    criteria: pa.Table,
    truth: pa.Table,
    *,
    seed: int,
    min_confidence: float,
    variations: Sequence[Variation] = VARIATIONS,
) -> list[Graded]:
    """Refit the portraits with each variation, and grade them.

    Parameters
    ----------
    metrics : pyarrow.Table
        One row per client: client_id, visits_count and what `ml.portraits.model.fit` takes.
    criteria : pyarrow.Table
        See `ml.portraits.criteria.learn`.
    truth : pyarrow.Table
        client_id and portrait_code.
    seed : int
        Of the samples and of the intervals.
    min_confidence : float
        See `ml.portraits.decision.decide`.
    variations : sequence of Variation
        To try.

    Returns
    -------
    list of Graded
        The usual settings first, then the variations.

    Raises
    ------
    MissingColumnError, DuplicateKeyError, InvalidValueError, ColumnTypeError
    """
    require(metrics, ("client_id", "visits_count"), "client metrics")
    known = graded_clients(metrics, truth)
    if not known.num_rows:
        raise InvalidValueError("clients with a visit and a true portrait", 0, "client metrics", "at least one")
    true = values_of(known, truth, "portrait_code").astype(str)

    def portraits(variation: Variation) -> tuple[np.ndarray, np.ndarray]:
        model = fit(metrics, criteria, seed=seed + variation.seed_shift, settings=variation.settings)
        found = decide(score(model, metrics), min_confidence)
        return values_of(known, found, "portrait_code").astype(str), values_of(known, found, "confidence_prob")

    usual, probs = portraits(USUAL)
    graded = [_graded(USUAL, true, usual, usual, probs, seed)]
    for variation in variations:
        graded.append(_graded(variation, true, usual, *portraits(variation), seed))
    return graded


def _graded(
    variation: Variation, true: np.ndarray, usual: np.ndarray, found: np.ndarray, probs: np.ndarray, seed: int
) -> Graded:
    is_defined = found != UNDEFINED
    rng = stream(seed, "grading", "settings", variation.code)
    return Graded(
        variation=variation,
        macro_f1=grade_labels(true, found).macro_f1,
        difference=macro_f1_difference(true, usual, found, rng=rng),
        ece=reliability(probs[is_defined], (found == true)[is_defined]).error,
        undefined_share=float(1 - is_defined.mean()),
        same_share=float((found == usual).mean()),
    )
