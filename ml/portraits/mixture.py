"""A mixture of one component per portrait, started and guided by the criteria.

Expectation–maximisation (Dempster, Laird and Rubin 1977) where each client brings a prior of its own: the evidence of
the criteria, which also starts it. That keeps component i the component of portrait i, as seeds do in Basu, Banerjee
and Mooney (2002). A component is a multivariate t over the scaled columns (Peel and McLachlan 2000: a few strange
clients do not bend it) times independent categories. Missing values are integrated out (Ghahramani and Jordan 1994).

Not scikit-learn's GaussianMixture, which knows neither a prior per client nor categories, missing values or heavy tails
(docs/adr/0010-portrait-mixture.md).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

from ml.portraits.space import Points

DEGREES = 8.0
"""Degrees of freedom of the t: tails heavy enough for the fleets of hundreds. Others are tried in docs/portraits.md."""

MIN_SHARE = 0.05
"""Share of the population's categories in each component's: no portrait is pure, and none can lock itself in."""

PSEUDO_CLIENTS = 20.0
"""Clients of the usual spread, `PSEUDO_VARIANCE`, added to each component's covariance."""

PSEUDO_VARIANCE = 0.3
MIN_VARIANCE = 0.02
"""In units of the population's variance."""

MAX_ROUNDS = 100
TOLERANCE = 2e-5
"""Mean change of a client's responsibilities, as a share of 1, at which the fit is done."""

SMALLEST_COMPONENT = 1.0
"""Clients' weight under which a portrait has no component of its own."""

SMALLEST_SHARE = 1e-6
"""Share of the clients that such a portrait counts for."""


@dataclass(frozen=True)
class Mixture:
    """Fitted components, k of them.

    Attributes
    ----------
    share : ndarray, shape (k,)
        Of the clients; 0 for a portrait without a component.
    mean : ndarray, shape (k, columns)
    covariance : ndarray, shape (k, columns, columns)
        Scale matrices of the t.
    log_level : list of ndarray, shape (k, levels)
        Log probability of each category, one array for each trait.
    log_range : ndarray, shape (columns,)
        Logarithm of how far the values reach: the density of a client that could be anywhere.
    rounds : int
        Rounds of the fit.
    degrees : float
        Of freedom of the t.
    min_share : float
        Share of the population's categories in each component's.
    """

    share: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    log_level: list[np.ndarray]
    log_range: np.ndarray
    rounds: int
    degrees: float
    min_share: float


def fit(
    points: Points,
    levels_count: list[int],
    log_prior: np.ndarray,
    start: np.ndarray,
    *,
    degrees: float = DEGREES,
    min_share: float = MIN_SHARE,
) -> Mixture:
    """Fit the mixture.

    Parameters
    ----------
    points : Points
    levels_count : list of int
        Categories of each trait.
    log_prior : ndarray, shape (clients, k)
        What speaks for each component beside the data, in log units; −inf excludes it.
    start : ndarray, shape (clients, k)
        Responsibilities to start from; rows add up to 1.
    degrees, min_share : float
        See `Mixture`.

    Returns
    -------
    Mixture
    """
    known = _Known(points, levels_count, degrees, min_share)
    members = start
    mixture = _components(known, members, None)
    for number in range(1, MAX_ROUNDS + 1):
        score = log_prior + log_joint(mixture, points)
        score -= score.max(axis=1, keepdims=True)
        found = np.exp(score)
        found /= found.sum(axis=1, keepdims=True)
        change = np.abs(found - members).sum() / 2 / max(len(members), 1)
        members = found
        mixture = _components(known, members, mixture, number)
        if change < TOLERANCE:
            break
    return mixture


def log_joint(mixture: Mixture, points: Points) -> np.ndarray:
    """Log of each component's share times its density over what is known of a client.

    Returns
    -------
    ndarray, shape (clients, k)
        A portrait without a component is the rarest one, whose clients could be anywhere.
    """
    density = np.zeros((len(points.values), len(mixture.share)))
    for rows, known in _patterns(points.values):
        if not known.any():
            continue
        values = points.values[np.ix_(rows, np.flatnonzero(known))]
        for k in range(len(mixture.share)):
            factor = _factor(mixture, k, known)
            density[rows, k] = _log_t(_distance(mixture, k, values, known, factor), factor, mixture.degrees)
    for place, log_level in enumerate(mixture.log_level):
        # One more column of zeros: −1, a category that is not known, says nothing.
        said = np.hstack([log_level, np.zeros((len(log_level), 1))])
        density += said[:, points.levels[:, place]].T
    empty = mixture.share == 0
    density[:, empty] = log_anywhere(mixture, points)[:, None]
    return density + np.log(np.maximum(mixture.share, SMALLEST_SHARE))


def log_anywhere(mixture: Mixture, points: Points) -> np.ndarray:
    """Log density of a client that could be anywhere: uniform over the reach of each column and over the categories.

    The noise of Banfield and Raftery (1993), shape (clients,).
    """
    density = -(~np.isnan(points.values) * mixture.log_range).sum(axis=1)
    for place, log_level in enumerate(mixture.log_level):
        density -= np.log(log_level.shape[1]) * (points.levels[:, place] >= 0)
    return density


class _Known:
    """What a fit is given, with the clients grouped by what is known of them."""

    def __init__(self, points: Points, levels_count: list[int], degrees: float, min_share: float) -> None:
        self.values = points.values
        self.levels = list(zip(points.levels.T, levels_count, strict=True))
        self.degrees = degrees
        self.min_share = min_share
        self.patterns = [(rows, known) for rows, known in _patterns(points.values) if known.any()]
        self.log_range = np.log(np.maximum(_reach(points.values), 1.0))


def _components(known: _Known, members: np.ndarray, before: Mixture | None, rounds: int = 0) -> Mixture:
    """Components from responsibilities; `before` fills in what is missing and weighs down what is far."""
    weight = members.sum(axis=0)
    share = np.where(weight >= SMALLEST_COMPONENT, weight, 0.0)
    count, columns = members.shape[1], known.values.shape[1]
    mean, covariance = np.zeros((count, columns)), np.tile(np.eye(columns), (count, 1, 1))
    for k in np.flatnonzero(share):
        mean[k], covariance[k] = _component(known, members[:, k], before, k)
    log_level = [_log_levels(levels, members, number, known.min_share) for levels, number in known.levels]
    return Mixture(
        share=share / max(share.sum(), 1e-300),
        mean=mean,
        covariance=covariance,
        log_level=log_level,
        log_range=known.log_range,
        rounds=rounds,
        degrees=known.degrees,
        min_share=known.min_share,
    )


def _component(given: _Known, member: np.ndarray, before: Mixture | None, k: int) -> tuple[np.ndarray, np.ndarray]:
    columns = given.values.shape[1]
    near, total = np.zeros(columns), np.zeros(columns)
    blocks = []
    missing = np.zeros((columns, columns))
    for rows, known in given.patterns:
        values, weight = given.values[rows], member[rows]
        pull = weight
        if before is not None and before.share[k] > 0:
            factor = _factor(before, k, known)
            residual = _distance(before, k, values[:, known], known, factor)
            pull = weight * (before.degrees + known.sum()) / (before.degrees + residual)
            if not known.all():
                values = values.copy()
                slope = _slope(before, k, known)
                values[:, ~known] = before.mean[k, ~known] + (values[:, known] - before.mean[k, known]) @ slope
                left = before.covariance[k][np.ix_(~known, ~known)] - (
                    before.covariance[k][np.ix_(~known, known)] @ slope
                )
                missing[np.ix_(~known, ~known)] += weight.sum() * left
        is_filled = ~np.isnan(values)
        near += (pull[:, None] * np.where(is_filled, values, 0.0)).sum(axis=0)
        total += (pull[:, None] * is_filled).sum(axis=0)
        blocks.append((values, weight, pull))
    mean = near / np.maximum(total, 1e-12)
    scatter, size = missing, np.zeros((columns, columns))
    for values, weight, pull in blocks:
        is_filled = ~np.isnan(values)
        off = np.where(is_filled, values - mean, 0.0)
        scatter = scatter + (off * pull[:, None]).T @ off
        # Every pair of columns by the clients of whom both are known.
        size += (is_filled * weight[:, None]).T @ is_filled.astype(np.float64)
    if before is None:
        scatter = np.diag(np.diag(scatter))
    scatter = scatter + PSEUDO_CLIENTS * PSEUDO_VARIANCE * np.eye(columns)
    return mean, scatter / (np.sqrt(np.outer(np.diag(size), np.diag(size))) + PSEUDO_CLIENTS) + (
        MIN_VARIANCE * np.eye(columns)
    )


def _log_levels(levels: np.ndarray, members: np.ndarray, number: int, min_share: float) -> np.ndarray:
    known = levels >= 0
    count = np.column_stack(
        [np.bincount(levels[known], weights=member[known], minlength=number) for member in members.T]
    )
    count += 1.0 / number
    population = count.sum(axis=1) / count.sum()
    own = count / count.sum(axis=0)
    return np.log((1 - min_share) * own.T + min_share * population)


def _patterns(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows by which columns are known: pairs of ascending row numbers and a mask of the columns."""
    known = ~np.isnan(values)
    if known.all():
        return [(np.arange(len(values)), np.ones(values.shape[1], dtype=bool))]
    kinds, kind = np.unique(known, axis=0, return_inverse=True)
    return [(np.flatnonzero(kind.ravel() == number), mask) for number, mask in enumerate(kinds)]


def _reach(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    return np.where(known.any(axis=0), high - low, 1.0)


def _factor(mixture: Mixture, k: int, known: np.ndarray) -> np.ndarray:
    return np.linalg.cholesky(mixture.covariance[k][np.ix_(known, known)])


def _distance(mixture: Mixture, k: int, values: np.ndarray, known: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Squared Mahalanobis distance over the known columns, shape (rows,)."""
    inverse = solve_triangular(factor, np.eye(len(factor)), lower=True)
    white = (values - mixture.mean[k, known]) @ inverse.T
    return np.einsum("ij,ij->i", white, white)


def _slope(mixture: Mixture, k: int, known: np.ndarray) -> np.ndarray:
    """Regression of the unknown columns on the known ones, shape (known, unknown)."""
    covariance = mixture.covariance[k]
    return np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, ~known)])


def _log_t(distance: np.ndarray, factor: np.ndarray, degrees: float) -> np.ndarray:
    columns = len(factor)
    constant = gammaln((degrees + columns) / 2) - gammaln(degrees / 2) - columns / 2 * np.log(degrees * np.pi)
    return constant - np.log(np.diag(factor)).sum() - (degrees + columns) / 2 * np.log1p(distance / degrees)
