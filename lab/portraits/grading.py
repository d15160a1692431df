"""Agreement of estimated labels with the true ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score, adjusted_rand_score, confusion_matrix, precision_recall_fscore_support

from ml.tables.intervals import Estimate

BINS = 15
"""Bins of the reliability curve, as in Guo et al. (2017), "On calibration of modern neural networks"."""

RESAMPLES = 2000
"""Resamples of a bootstrap interval."""

INTERVAL = (0.025, 0.975)
"""Quantiles of the resamples between which the 95 % interval lies."""


@dataclass(frozen=True)
class Grades:
    """Agreement of estimated labels with the true ones.

    Attributes
    ----------
    codes : list of str
        The true labels that occur, sorted; then the estimated ones that never are, sorted.
    counts : ndarray of int, shape (codes, codes)
        Clients by true (row) and estimated (column) label.
    accuracy : float
        Share of clients whose label is right.
    macro_f1 : float
        Mean of F1 over the true labels that occur, each counting the same.
    precision : ndarray, shape (codes,)
        By estimated label; NaN where it does not occur.
    recall : ndarray, shape (codes,)
        By true label; NaN where it does not occur.
    """

    codes: list[str]
    counts: np.ndarray
    accuracy: float
    macro_f1: float
    precision: np.ndarray
    recall: np.ndarray


@dataclass(frozen=True)
class Reliability:
    """Reliability curve; bins without a client are left out.

    Attributes
    ----------
    bin_numbers : ndarray of int, shape (bins,)
        From 1: bin b of B holds the probabilities above (b − 1) / B up to b / B; the first one 0 too.
    mean_prob : ndarray, shape (bins,)
        Mean probability in the bin.
    right_share : ndarray, shape (bins,)
        Share of its clients whose label is right.
    clients_count : ndarray of int, shape (bins,)
        Its clients.
    """

    bin_numbers: np.ndarray
    mean_prob: np.ndarray
    right_share: np.ndarray
    clients_count: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error: |mean probability − share right|, mean over clients; NaN without clients."""
        if not len(self.clients_count):
            return float("nan")
        return float(np.average(np.abs(self.mean_prob - self.right_share), weights=self.clients_count))


def grade_labels(true: ArrayLike, found: ArrayLike) -> Grades:
    """Compare labels, client by client.

    Parameters
    ----------
    true, found : array-like of str, shape (clients,)
        At least one client.
    """
    true, found = np.asarray(true, dtype=str), np.asarray(found, dtype=str)
    real = np.unique(true)
    codes = [*real.tolist(), *np.setdiff1d(found, real).tolist()]
    precision, recall, f1, _ = precision_recall_fscore_support(true, found, labels=codes, zero_division=np.nan)
    return Grades(
        codes=codes,
        counts=confusion_matrix(true, found, labels=codes),
        accuracy=float(accuracy_score(true, found)),
        macro_f1=float(f1[: len(real)].mean()),
        precision=precision,
        recall=recall,
    )


def adjusted_rand(true: ArrayLike, found: ArrayLike) -> float:
    """Return the adjusted Rand index: pairs of clients on which two groupings agree, 0 by chance, 1 when they are one.

    The names do not matter, so `undefined` is a group as any other (Hubert and Arabie 1985).

    Parameters
    ----------
    true, found : array-like of str, shape (clients,)
    """
    return float(adjusted_rand_score(true, found))


def reliability(probs: np.ndarray, is_right: np.ndarray, bins: int = BINS) -> Reliability:
    """Compare probabilities with outcomes, in bins of equal width.

    Parameters
    ----------
    probs : ndarray, shape (clients,)
        Probability of the estimated label (0–1).
    is_right : ndarray of bool, shape (clients,)
        Whether it is the true one.
    bins : int
        Bins from 0 to 1.
    """
    # scikit-learn's `calibration_curve` returns neither bin numbers nor counts, and fails without clients.
    place = np.clip(np.ceil(np.asarray(probs) * bins).astype(np.int64), 1, bins)
    clients = np.bincount(place, minlength=bins + 1)
    used = np.flatnonzero(clients)
    return Reliability(
        bin_numbers=used,
        mean_prob=np.bincount(place, probs, bins + 1)[used] / clients[used],
        right_share=np.bincount(place, is_right, bins + 1)[used] / clients[used],
        clients_count=clients[used],
    )


def macro_f1_interval(true: ArrayLike, found: ArrayLike, *, rng: np.random.Generator) -> Estimate:
    """Return macro-F1 with a bootstrap interval over clients.

    Parameters
    ----------
    true, found : array-like of str, shape (clients,)
        At least one client.
    rng : numpy.random.Generator
        Draws the resamples.
    """
    drawn = _macro_f1_resampled(true, (found,), rng)[:, 0]
    return Estimate(grade_labels(true, found).macro_f1, *np.quantile(drawn, INTERVAL).tolist())


def macro_f1_difference(true: ArrayLike, first: ArrayLike, second: ArrayLike, *, rng: np.random.Generator) -> Estimate:
    """Return macro-F1 of the first method less that of the second, with a paired bootstrap interval over clients.

    Paired: both methods are graded on the same resample, so what is hard for both does not widen the interval.

    Parameters
    ----------
    true, first, second : sequence of str, shape (clients,)
        At least one client.
    rng : numpy.random.Generator
        Draws the resamples.
    """
    value = grade_labels(true, first).macro_f1 - grade_labels(true, second).macro_f1
    drawn = _macro_f1_resampled(true, (first, second), rng)
    return Estimate(value, *np.quantile(drawn[:, 0] - drawn[:, 1], INTERVAL).tolist())


def _macro_f1_resampled(true: ArrayLike, methods: Sequence[ArrayLike], rng: np.random.Generator) -> np.ndarray:
    """Macro-F1 of each method on each resample of clients, shape (RESAMPLES, methods).

    Clients that all methods label alike are interchangeable: drawing how many there are of each kind is drawing them
    one by one, and does not depend on their number. At 2,000 clients this takes 0.04 s; a call of
    scikit-learn's `f1_score` for each resample takes 36 s.
    """
    labels = np.array([true, *methods], dtype=str)
    names, places = np.unique(labels, return_inverse=True)
    shape = (len(names),) * len(labels)
    cells, counts = np.unique(np.ravel_multi_index(places.reshape(labels.shape), shape), return_counts=True)
    kinds = np.unravel_index(cells, shape)
    drawn = rng.multinomial(counts.sum(), counts / counts.sum(), size=RESAMPLES).astype(np.float64)
    real = np.unique(kinds[0])
    is_true = kinds[0][:, None] == real
    are = drawn @ is_true
    scores = []
    for found in kinds[1:]:
        is_found = found[:, None] == real
        f1 = 2 * (drawn @ (is_true & is_found)) / np.maximum(are + drawn @ is_found, 1)
        # A portrait that no client of the resample has does not count in it.
        scores.append((f1 * (are > 0)).sum(axis=1) / (are > 0).sum(axis=1))
    return np.column_stack(scores)
