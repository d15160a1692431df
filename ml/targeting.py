"""Whom to offer a feature: effects per client from a trial, and what targeting by them would earn.

Per feature the clients of the trial are cut into folds. Doubly robust scores of margin and of cost (`ml.uplift`) say of
each client, with much noise but without bias, what the offer changed; a regression on the other folds' scores predicts
it from what was known before. Nobody's prediction has seen its own outcome, so the mean score of those whom a
prediction would target is an honest estimate of what targeting them earns (Athey and Wager 2021): the model is not
judged by its own estimates. Stations that were randomised stay whole, in folds and in standard errors.

Regressions are of roubles in units of the client's own margin before the trial (`SCALE`): effects are shares of what a
client does anyway, and so is the noise, of which a fleet of hundreds would otherwise have all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats
from sklearn.base import clone

from ml.columns import booleans, codes, integers, is_text, numbers, require, strings
from ml.intervals import LEVEL
from ml.outcomes import by_code
from ml.result_table import months
from ml.shrunk import ShrunkRegressor
from ml.streams import stream
from ml.uplift import arm_folds, doubly_robust_scores

FOLDS = 3
MIN_PER_ARM = 50
"""Smaller trials tell nothing of single clients."""

CAUTION = 4.0
"""Squared standard errors taken off a squared slope: below 2 standard errors clients do not differ."""

SCALE = "margin_rub_per_month"
SMALLEST_SCALE = 0.5
"""Of the median scale: that of a client that brought less, or of whom nothing is known before."""

SHARES = np.round(np.arange(0, 1.0001, 0.05), 2)
POLICIES = ("uplift", "response", "aimed", "everyone")
"""By predicted profit; by predicted response; the aimed portraits first; at random."""


@dataclass(frozen=True)
class Trial:
    """The clients of one feature's trial, in the order of their number.

    Attributes
    ----------
    client_id, treated, responded : ndarray, shape (clients,)
    margin, cost : ndarray of float, shape (clients,)
        ₽ a month of 30.4375 days.
    scale : ndarray of float, shape (clients,)
        ₽ a month before the trial, above 0.
    propensity : ndarray of float, shape (clients,)
    group_id : ndarray, shape (clients,)
        What was randomised: the client itself, or its station.
    known : ndarray of float, shape (clients, columns)
        What was known before.
    is_aimed : ndarray of bool, shape (clients,)
    """

    client_id: np.ndarray
    treated: np.ndarray
    responded: np.ndarray
    margin: np.ndarray
    cost: np.ndarray
    scale: np.ndarray
    propensity: np.ndarray
    group_id: np.ndarray
    known: np.ndarray
    is_aimed: np.ndarray


def target(
    outcomes: pa.Table, profiles: pa.Table, features: Sequence[Mapping[str, Any]], *, horizon_weeks: int, seed: int
) -> tuple[pa.Table, pa.Table]:
    """Estimate effects per client, and value policies.

    Parameters
    ----------
    outcomes : pyarrow.Table
        As for `ml.analysis.analyse`.
    profiles : pyarrow.Table
        One row per client: client_id, portrait_code and any metrics known before the trial (numbers, booleans, text).
    features : sequence of mappings
        As in `feature_hypotheses.json`: feature_code, primary_metric_code, cost, aimed_portraits.
    horizon_weeks : int
    seed : int
        Of the folds and of the order at random.

    Returns
    -------
    clients : pyarrow.Table
        client_id, feature_code, response_prob, uplift_margin_rub_per_month, uplift_profit_rub_per_month; one row per
        client of a trial with `MIN_PER_ARM` clients or more in each arm, by feature and client.
    curves : pyarrow.Table
        feature_code, policy_code, targeted_share, targeted_count, profit_rub_per_month and its 95 % interval
        (``_low``, ``_high``); the feature's fixed cost is taken off where anybody is targeted.

    Raises
    ------
    MissingColumnError, UnknownCodeError
    """
    known = by_code(list(features))
    clients, curves = [], []
    for code, trial in _trials(outcomes, profiles, known, months(horizon_weeks)):
        rng = stream(seed, "targeting", code)
        fold = _folds(trial, rng)
        margin, spent, score = _scores(trial, fold)
        responds = _predicted_elsewhere(trial.known, trial.responded.astype(float), fold, trial.treated)
        responds = np.clip(responds, 0, 1)
        profit = margin - spent
        clients.append(_clients(code, trial, responds, margin, profit))
        ranks = {"uplift": profit, "response": responds, "aimed": trial.is_aimed * 1.0, "everyone": np.zeros(len(fold))}
        fixed = float(known[code]["cost"].get("rub_per_month") or 0)
        luck = rng.random(len(fold))
        for policy in POLICIES:
            curves.append(_curve(code, policy, score, np.lexsort((luck, -ranks[policy])), trial.group_id, fixed))
    return _concat(clients, _CLIENTS), _concat(curves, _CURVES)


_CLIENTS = pa.schema(
    {
        "client_id": pa.int64(),
        "feature_code": pa.string(),
        "response_prob": pa.float64(),
        "uplift_margin_rub_per_month": pa.float64(),
        "uplift_profit_rub_per_month": pa.float64(),
    }
)
_CURVES = pa.schema(
    {
        "feature_code": pa.string(),
        "policy_code": pa.string(),
        "targeted_share": pa.float64(),
        "targeted_count": pa.int64(),
        "profit_rub_per_month": pa.float64(),
        "profit_rub_per_month_low": pa.float64(),
        "profit_rub_per_month_high": pa.float64(),
    }
)


def _concat(parts: list[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _trials(
    outcomes: pa.Table, profiles: pa.Table, features: Mapping[str, Mapping[str, Any]], length: float
) -> Iterator[tuple[str, Trial]]:
    names = ("client_id", "feature_code", "portrait_code", "is_treated", "has_responded", "margin_rub", "cost_rub")
    require(outcomes, names, "experiment outcomes")
    require(profiles, ("client_id", "portrait_code"), "clients")
    profiles = profiles.sort_by("client_id")
    ids, known, scale = integers(profiles, "client_id"), _known_before(profiles), _scale(profiles)
    feature, codes_of = codes(outcomes, "feature_code")
    for number, code in enumerate(codes_of):
        rows = outcomes.filter(pa.array(feature == number)).sort_by("client_id")
        treated = booleans(rows, "is_treated")[0]
        if min(treated.sum(), (~treated).sum()) < MIN_PER_ARM:
            continue
        client_id = integers(rows, "client_id")
        portrait, portraits = codes(rows, "portrait_code")
        group = numbers(rows, "group_id") if "group_id" in rows.column_names else np.full(len(client_id), np.nan)
        is_alone = np.isnan(group).all()
        aimed = np.isin(portraits, list(features[code].get("aimed_portraits") or ()))
        yield (
            code,
            Trial(
                client_id=client_id,
                treated=treated,
                responded=booleans(rows, "has_responded")[0],
                margin=numbers(rows, "margin_rub") / length,
                cost=numbers(rows, "cost_rub") / length,
                scale=scale[np.searchsorted(ids, client_id)],
                propensity=_propensity(treated, portrait) if is_alone else np.full(len(treated), treated.mean()),
                group_id=client_id if is_alone else group,
                known=known[np.searchsorted(ids, client_id)],
                is_aimed=aimed[portrait],
            ),
        )


def _known_before(profiles: pa.Table) -> np.ndarray:
    """Numbers as they are, truth values as 0 and 1, text as a column for each value; shape (clients, columns)."""
    columns = []
    for name in profiles.column_names:
        kind = profiles.schema.field(name).type
        if name == "client_id" or name.endswith("_id") or pa.types.is_temporal(kind):
            continue
        if is_text(profiles, name):
            level, levels = codes(profiles, name)
            columns += [(level == number).astype(float) for number in range(len(levels))]
        elif pa.types.is_boolean(kind):
            values, is_known = booleans(profiles, name)
            columns.append(np.where(is_known, values, np.nan))
        else:
            columns.append(numbers(profiles, name))
    return np.column_stack(columns)


def _scale(profiles: pa.Table) -> np.ndarray:
    """What each client brought a month before, shape (clients,); 1 for all where that is not known of anyone."""
    brought = numbers(profiles, SCALE) if SCALE in profiles.column_names else np.full(profiles.num_rows, np.nan)
    brought = np.nan_to_num(brought)
    if not (brought > 0).any():
        return np.ones(len(brought))
    return np.maximum(brought, SMALLEST_SCALE * np.median(brought[brought > 0]))


def _propensity(treated: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Share treated of each stratum, between the extremes: a stratum of one client is in one arm."""
    share = (np.bincount(stratum, treated) + treated.mean()) / (np.bincount(stratum) + 1)
    return share[stratum]


def _folds(trial: Trial, rng: np.random.Generator) -> np.ndarray:
    """Fold of each client, shape (clients,): whole groups, both arms alike."""
    groups, place = np.unique(trial.group_id, return_inverse=True)
    order = rng.permutation(len(groups))
    arm = np.zeros(len(groups), dtype=np.int64)
    arm[place] = trial.treated
    fold = np.empty(len(groups), dtype=np.int64)
    fold[order] = arm_folds(arm[order], FOLDS)
    return fold[place]


def _trained(rows: np.ndarray, values: np.ndarray) -> ShrunkRegressor:
    return clone(ShrunkRegressor()).fit(rows, values)


def _scores(trial: Trial, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predicted change of margin, predicted cost, and the doubly robust score of the profit; shapes (clients,)."""
    arm, scale = trial.treated.astype(np.int64), trial.scale
    scored = partial(doubly_robust_scores, trial.known, treatment=arm, propensity=trial.propensity, fold=fold)
    margin = scored(trial.margin / scale, train=_trained)
    # Without the offer there is no cost: its score needs the treated alone.
    spent = scale * _predicted_elsewhere(trial.known, trial.cost / scale, fold, trial.treated)
    cost = spent + np.where(trial.treated, (trial.cost - spent) / trial.propensity, 0.0)
    everyone = np.ones(len(fold), dtype=bool)
    change = borne_out(_predicted_elsewhere(trial.known, margin, fold, everyone), margin, fold)
    return scale * change, spent, scale * margin - cost


def borne_out(predicted: np.ndarray, score: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Keep of predictions what the scores of unseen clients bear out.

    Both the average effect and the deviations from it are multiplied by 0 to 1: the average by how sure it is
    (James and Stein 1961), the deviations by the slope of the scores on them less `CAUTION` squared standard errors.

    Parameters
    ----------
    predicted : ndarray of shape (clients,)
        Of each client by the scores of other folds.
    score : ndarray of shape (clients,)
    fold : ndarray of int, shape (clients,)

    Returns
    -------
    ndarray of shape (clients,)
    """
    mean = np.empty(len(score))
    for part in range(FOLDS):
        mean[fold == part] = score[fold != part].mean()
    average = score.mean()
    kept = _kept(average, score.var(ddof=1) / len(score), 1.0)
    deviation = predicted - mean
    square = float(deviation @ deviation)
    if square <= 1e-12 * float(predicted @ predicted):
        return np.full(len(score), kept * average)
    slope = float(deviation @ (score - mean)) / square
    left = score - mean - slope * deviation
    error = float((deviation * left) @ (deviation * left)) / square**2
    follows = slope * _kept(slope, error, CAUTION) if slope > 0 else 0.0
    return kept * average + min(follows, 1.0) * deviation


def _kept(value: float, variance: float, caution: float) -> float:
    """Share of an estimate that its variance leaves, 0 to 1."""
    return max(0.0, 1 - caution * variance / value**2) if value else 0.0


def _predicted_elsewhere(known: np.ndarray, values: np.ndarray, fold: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Prediction of each client by a regression on the `used` clients of the other folds."""
    found = np.empty(len(values))
    for part in range(FOLDS):
        out = fold == part
        rows = used & ~out
        found[out] = _trained(known[rows], values[rows]).predict(known[out])
    return found


def _clients(code: str, trial: Trial, responds: np.ndarray, margin: np.ndarray, profit: np.ndarray) -> pa.Table:
    size = len(trial.client_id)
    columns = [trial.client_id, strings(np.zeros(size), [code]), responds, margin, profit]
    return pa.table(dict(zip(_CLIENTS.names, columns, strict=True)), schema=_CLIENTS)


def _curve(
    code: str, policy: str, score: np.ndarray, order: np.ndarray, group_id: np.ndarray, fixed: float
) -> pa.Table:
    """Value of targeting the first of an order, by share."""
    size, place = len(score), np.unique(group_id, return_inverse=True)[1]
    groups = place.max() + 1
    counts = np.rint(SHARES * size).astype(np.int64)
    profit, half = np.empty(len(counts)), np.empty(len(counts))
    for number, count in enumerate(counts):
        chosen = np.zeros(size)
        chosen[order[:count]] = score[order[:count]]
        of_group = np.bincount(place, chosen, groups)
        profit[number] = chosen.sum() - (fixed if count else 0.0)
        error = np.sqrt(groups * of_group.var(ddof=1)) if groups > 1 else np.nan
        half[number] = stats.t.ppf(0.5 + LEVEL / 2, max(groups - 1, 1)) * error
    rows = len(counts)
    named = [strings(np.zeros(rows), [code]), strings(np.zeros(rows), [policy])]
    columns = [*named, SHARES, counts, profit, profit - half, profit + half]
    return pa.table(dict(zip(_CURVES.names, columns, strict=True)), schema=_CURVES)
