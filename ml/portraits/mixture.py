"""Mixture with one component per portrait, initialised and constrained by the criteria.

Expectation–maximisation (Dempster, Laird and Rubin 1977) with a prior per client: the evidence of the criteria, which
also initialises the fit. This ties component i to portrait i, as the seeds do in Basu, Banerjee and Mooney (2002). A
component is a multivariate t over the scaled columns (Peel and McLachlan 2000: robust to outliers) times independent
categorical distributions. Missing values are integrated out (Ghahramani and Jordan 1994).

scikit-learn's GaussianMixture supports neither a prior per client nor categories, missing values or heavy tails
(docs/adr/0010-portrait-mixture.md).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

from ml.portraits.space import Points

DEGREES = 8.0
"""Degrees of freedom of the t: tails heavy enough for fleets of hundreds of vehicles (docs/portraits.md compares)."""

MIN_SHARE = 0.05
"""Weight of the population's category distribution in each component's: keeps category probabilities off 0 and 1."""

PSEUDO_CLIENTS = 20.0
"""Pseudo-observations of variance `PSEUDO_VARIANCE` added to the covariance of each component."""

PSEUDO_VARIANCE = 0.3
MIN_VARIANCE = 0.02
"""Added to each variance, in units of the population's variance."""

MAX_ROUNDS = 100
TOLERANCE = 2e-5
"""Convergence: mean change of a client's responsibilities between rounds (total variation, 0–1)."""

SMALLEST_COMPONENT = 1.0
"""Total responsibility, in clients, below which a portrait has no component of its own."""

SMALLEST_SHARE = 1e-6
"""Share of the clients assumed for such a portrait."""


@dataclass(frozen=True)
class Mixture:
    """Fitted mixture of k components.

    Attributes
    ----------
    share : ndarray, shape (k,)
        Mixing weights; 0 for a portrait without a component.
    mean : ndarray, shape (k, columns)
    covariance : ndarray, shape (k, columns, columns)
        Scale matrices of the t.
    log_level : list of ndarray, shape (k, levels)
        Log probability of each category, one array per trait.
    log_range : ndarray, shape (columns,)
        Log of the range of each column: the uniform density of a client that could be anywhere.
    rounds : int
        EM rounds of the fit.
    degrees : float
        Degrees of freedom of the t.
    min_share : float
        Weight of the population's category distribution in each component's.
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
        Number of categories of each trait.
    log_prior : ndarray, shape (clients, k)
        Log prior of each component by client, up to a constant; −inf excludes the component.
    start : ndarray, shape (clients, k)
        Initial responsibilities; rows sum to 1.
    degrees, min_share : float
        See `Mixture`.
    """
    data = _FitData(points, levels_count, degrees, min_share)
    members = start
    mixture = _components(data, members, None)
    for rounds in range(1, MAX_ROUNDS + 1):
        score = log_prior + log_joint(mixture, points)
        score -= score.max(axis=1, keepdims=True)
        updated = np.exp(score)
        updated /= updated.sum(axis=1, keepdims=True)
        change = np.abs(updated - members).sum() / 2 / max(len(members), 1)
        members = updated
        mixture = _components(data, members, mixture, rounds)
        if change < TOLERANCE:
            break
    return mixture


def log_joint(mixture: Mixture, points: Points) -> np.ndarray:
    """Log of each component's share times its density over the known values of a client, shape (clients, k).

    A portrait without a component gets `SMALLEST_SHARE` and the density of `log_anywhere`.
    """
    density = np.zeros((len(points.values), len(mixture.share)))
    for rows, known in _patterns(points.values):
        if not known.any():
            continue
        values = points.values[np.ix_(rows, np.flatnonzero(known))]
        for k in range(len(mixture.share)):
            factor = _factor(mixture, k, known)
            density[rows, k] = _log_t(_distance(mixture, k, values, known, factor), factor, mixture.degrees)
    for trait, log_level in enumerate(mixture.log_level):
        # Level −1 (unknown category) indexes the appended column of zeros.
        padded = np.hstack([log_level, np.zeros((len(log_level), 1))])
        density += padded[:, points.levels[:, trait]].T
    empty = mixture.share == 0
    density[:, empty] = log_anywhere(mixture, points)[:, None]
    return density + np.log(np.maximum(mixture.share, SMALLEST_SHARE))


def log_anywhere(mixture: Mixture, points: Points) -> np.ndarray:
    """Log density of a client that could be anywhere: uniform over the range of each column and over the categories.

    The noise component of Banfield and Raftery (1993); shape (clients,).
    """
    density = -(~np.isnan(points.values) * mixture.log_range).sum(axis=1)
    for trait, log_level in enumerate(mixture.log_level):
        density -= np.log(log_level.shape[1]) * (points.levels[:, trait] >= 0)
    return density


class _FitData:
    """Data of a fit, with the clients grouped by pattern of missing values."""

    def __init__(self, points: Points, levels_count: list[int], degrees: float, min_share: float) -> None:
        self.values = points.values
        self.levels = list(zip(points.levels.T, levels_count, strict=True))
        self.degrees = degrees
        self.min_share = min_share
        self.patterns = [(rows, known) for rows, known in _patterns(points.values) if known.any()]
        self.log_range = np.log(np.maximum(_range(points.values), 1.0))


def _components(data: _FitData, members: np.ndarray, previous: Mixture | None, rounds: int = 0) -> Mixture:
    """M-step; `previous` gives the conditional moments of missing values and the t weights of distant clients."""
    weight = members.sum(axis=0)
    share = np.where(weight >= SMALLEST_COMPONENT, weight, 0.0)
    count, columns = members.shape[1], data.values.shape[1]
    mean, covariance = np.zeros((count, columns)), np.tile(np.eye(columns), (count, 1, 1))
    for k in np.flatnonzero(share).tolist():
        mean[k], covariance[k] = _component(data, members[:, k], previous, k)
    log_level = [_log_levels(levels, members, size, data.min_share) for levels, size in data.levels]
    return Mixture(
        share=share / max(share.sum(), 1e-300),
        mean=mean,
        covariance=covariance,
        log_level=log_level,
        log_range=data.log_range,
        rounds=rounds,
        degrees=data.degrees,
        min_share=data.min_share,
    )


def _component(data: _FitData, member: np.ndarray, previous: Mixture | None, k: int) -> tuple[np.ndarray, np.ndarray]:
    columns = data.values.shape[1]
    total, total_weight = np.zeros(columns), np.zeros(columns)
    blocks = []
    missing = np.zeros((columns, columns))
    for rows, known in data.patterns:
        values, weight = data.values[rows], member[rows]
        t_weight = weight
        if previous is not None and previous.share[k] > 0:
            factor = _factor(previous, k, known)
            distance = _distance(previous, k, values[:, known], known, factor)
            t_weight = weight * (previous.degrees + known.sum()) / (previous.degrees + distance)
            if not known.all():
                values = values.copy()
                slope = _slope(previous, k, known)
                values[:, ~known] = previous.mean[k, ~known] + (values[:, known] - previous.mean[k, known]) @ slope
                conditional = previous.covariance[k][np.ix_(~known, ~known)] - (
                    previous.covariance[k][np.ix_(~known, known)] @ slope
                )
                missing[np.ix_(~known, ~known)] += weight.sum() * conditional
        is_filled = ~np.isnan(values)
        total += (t_weight[:, None] * np.where(is_filled, values, 0.0)).sum(axis=0)
        total_weight += (t_weight[:, None] * is_filled).sum(axis=0)
        blocks.append((values, weight, t_weight))
    mean = total / np.maximum(total_weight, 1e-12)
    scatter, size = missing, np.zeros((columns, columns))
    for values, weight, t_weight in blocks:
        is_filled = ~np.isnan(values)
        deviation = np.where(is_filled, values - mean, 0.0)
        scatter = scatter + (deviation * t_weight[:, None]).T @ deviation
        # Each pair of columns is weighted by the clients with both values.
        size += (is_filled * weight[:, None]).T @ is_filled.astype(np.float64)
    if previous is None:
        scatter = np.diag(np.diag(scatter))
    scatter = scatter + PSEUDO_CLIENTS * PSEUDO_VARIANCE * np.eye(columns)
    return mean, scatter / (np.sqrt(np.outer(np.diag(size), np.diag(size))) + PSEUDO_CLIENTS) + (
        MIN_VARIANCE * np.eye(columns)
    )


def _log_levels(levels: np.ndarray, members: np.ndarray, levels_count: int, min_share: float) -> np.ndarray:
    known = levels >= 0
    count: np.ndarray = np.column_stack(
        [np.bincount(levels[known], weights=member[known], minlength=levels_count) for member in members.T]
    )
    count += 1.0 / levels_count
    population = count.sum(axis=1) / count.sum()
    own = count / count.sum(axis=0)
    return np.log((1 - min_share) * own.T + min_share * population)


def _patterns(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Group rows by their known columns: pairs of ascending row indices and a mask of the columns."""
    known = ~np.isnan(values)
    if known.all():
        return [(np.arange(len(values)), np.ones(values.shape[1], dtype=bool))]
    masks, pattern = np.unique(known, axis=0, return_inverse=True)
    return [(np.flatnonzero(pattern.ravel() == i), mask) for i, mask in enumerate(masks)]


def _range(values: np.ndarray) -> np.ndarray:
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
    """Regression coefficients of the unknown columns on the known ones, shape (known, unknown)."""
    covariance = mixture.covariance[k]
    return np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, ~known)])


def _log_t(distance: np.ndarray, factor: np.ndarray, degrees: float) -> np.ndarray:
    columns = len(factor)
    constant = gammaln((degrees + columns) / 2) - gammaln(degrees / 2) - columns / 2 * np.log(degrees * np.pi)
    return constant - np.log(np.diag(factor)).sum() - (degrees + columns) / 2 * np.log1p(distance / degrees)
