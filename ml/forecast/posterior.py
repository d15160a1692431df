"""Empirical Bayes model of visits: how often and how regularly each client visits, and whether it is still active.

While active, a client has gamma distributed gaps with its own rate and shape (shape 1: Poisson process; larger: more
regular), and it leaves with its own constant hazard. Pareto/GGG (Platzer and Reutterer 2016, "Ticking away the
moments") is the same model fitted by simulation; here shapes and hazards are on a grid with estimated weights (an
NPMLE), and the rate has a gamma distribution per shape. The likelihood of the open gap has a closed form, so the rate
is integrated by Gauss–Hermite quadrature over its logarithm, and EM fits everything without sampling.

With rate b, shape k, hazard m and a silence of w: P(active, silent) = exp(−m w) Q(k, b w), and
P(silent) = 1 − (b / (b + m))^k P(k, (b + m) w), where Q and P are the regularised incomplete gamma functions.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from ml.forecast import renewal
from ml.forecast.visits import Statistics

SHAPES = np.array([0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 6.0, 10.0, 18.0, 32.0, 64.0])
LEAVING = np.array([0.03, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
"""Hazards of leaving, per length of the observation: from practically never to after a single visit."""
PAUSE = 6.0
"""Mean length of a pause, in mean gaps of the client."""
_PRIOR_LEAVING = np.array([0.4, 0.25, 0.15, 0.08, 0.05, 0.04, 0.03])
_PRIOR_CLIENTS = 5.0
"""Weight of the prior, in clients."""
_BORROWED = 20.0
"""Pseudo-clients by which the rates of a shape are shrunk to those of all shapes."""
_POINTS, _POINT_WEIGHTS = np.polynomial.hermite.hermgauss(7)
_NEGLIGIBLE = 1e-4
_ITERATIONS = 60
_CONVERGED = 1e-4
"""Gain in mean log-likelihood per client at which EM stops."""


@dataclass(frozen=True)
class Population:
    """Distribution of shape, rate and hazard over all clients; times in days.

    Attributes
    ----------
    weight : ndarray, shape (shapes, hazards)
        Probabilities, sum to 1.
    hazard : ndarray, shape (hazards,)
        Of leaving, per day.
    rate_shape, rate_scale : ndarray, shape (shapes,)
        Parameters of the gamma distribution of visits per day, with mean shape / scale.
    pause_share : float
        Share of silences that are a pause, such as a holiday, rather than an ordinary gap.
    """

    weight: np.ndarray
    hazard: np.ndarray
    rate_shape: np.ndarray
    rate_scale: np.ndarray
    pause_share: float = 0.0


@dataclass(frozen=True)
class Cells:
    """Posterior of clients over shape, rate and hazard; one row per client and non-negligible shape.

    Attributes
    ----------
    client, shape : ndarray of int, shape (rows,)
        Index of the client, and index into `SHAPES`.
    hazard : ndarray, shape (hazards,)
        Non-negligible hazards of leaving, per day.
    pause_share : float
    rate : ndarray, shape (rows, points)
        Visits per day.
    weight, stays : ndarray, shape (rows, points, hazards)
        Posterior probability (sums to 1 over a client), and the probability of still being active.
    silent : ndarray, shape (rows, points, hazards)
        Probability of the current silence.
    clients_count : int
    """

    client: np.ndarray
    shape: np.ndarray
    hazard: np.ndarray
    pause_share: float
    rate: np.ndarray
    weight: np.ndarray
    stays: np.ndarray
    silent: np.ndarray
    clients_count: int

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum over the rows of each client; values (rows,) → (clients,)."""
        return np.bincount(self.client, values, minlength=self.clients_count)


@dataclass(frozen=True)
class _Likelihood:
    """Quadrature points of the rate and the likelihood on them, constant during EM.

    `value` is the likelihood of the gaps and of the silence times the quadrature weight, divided by exp(`log_unit`) of
    the client; other fields as in `Cells`.
    """

    client: np.ndarray
    shape: np.ndarray
    log_rate: np.ndarray
    value: np.ndarray
    log_unit: np.ndarray
    stays: np.ndarray
    silent: np.ndarray

    def weigh(self, population: Population) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Factors of the posterior besides `value`: prior of the points, normalised hazard weights; log evidence."""
        r, scale = population.rate_shape, population.rate_scale
        constant = (r * np.log(scale) - special.gammaln(r))[self.shape][:, None]
        prior = np.exp(constant + r[self.shape][:, None] * self.log_rate - scale[self.shape][:, None] * self.rate)
        hazard = population.weight[self.shape]
        by_row = np.einsum("rp,rph,rh->r", prior, self.value, hazard, optimize=["einsum_path", (0, 1), (0, 1)])
        total = np.maximum(np.bincount(self.client, by_row, minlength=len(self.log_unit)), 1e-300)
        return prior, hazard / total[self.client][:, None], self.log_unit + np.log(total)

    @property
    def rate(self) -> np.ndarray:
        """Visits per day."""
        return np.exp(self.log_rate)

    def posterior(self, population: Population) -> Cells:
        """Posterior given a population."""
        prior, hazard, _ = self.weigh(population)
        weight = prior[:, :, None] * self.value * hazard[:, None, :]
        return Cells(
            self.client,
            self.shape,
            population.hazard,
            population.pause_share,
            self.rate,
            weight,
            self.stays,
            self.silent,
            len(self.log_unit),
        )


def first_guess(statistics: Statistics, length: float) -> Population:
    """Initial population: the pooled visit rate, equal weights of shapes, low hazards favoured.

    Parameters
    ----------
    statistics : Statistics
    length : float
        Length of the observation in days, positive.
    """
    gaps, days = statistics.gaps.sum(), (statistics.gap_sum + statistics.silence * (statistics.gaps == 0)).sum()
    rate = (gaps + 1) / (days + length)
    weight = np.outer(np.full(len(SHAPES), 1 / len(SHAPES)), _PRIOR_LEAVING)
    size = len(SHAPES)
    return Population(weight, LEAVING / length, np.full(size, 1.0), np.full(size, 1 / rate))


def learn(
    statistics: Statistics, length: float, pause_share: float = 0.0, start: Population | None = None
) -> Population:
    """Fit the population by EM.

    Parameters
    ----------
    statistics : Statistics
        At least one client.
    length : float
        Length of the observation in days, positive.
    pause_share : float
        See `Population`; not estimated here.
    start : Population, optional
        Starting point fitted with the same `length`; saves iterations.
    """
    guess = replace(first_guess(statistics, length), pause_share=pause_share)
    likelihood = _likelihood(statistics, guess)
    population, before = guess if start is None else start, -np.inf
    for _ in range(_ITERATIONS):
        prior, hazard, log_evidence = likelihood.weigh(population)
        evidence = log_evidence.mean()
        if evidence - before < _CONVERGED:
            break
        before = evidence
        by_hazard = np.matmul(prior[:, None, :], likelihood.value)[:, 0, :] * hazard
        by_point = np.matmul(likelihood.value, hazard[:, :, None])[:, :, 0] * prior
        population = _maximise(likelihood, by_hazard, by_point, guess)
    return population


def infer(statistics: Statistics, population: Population) -> Cells:
    """Posterior of clients, given a population."""
    kept = population.weight.sum(axis=0) >= _NEGLIGIBLE
    population = replace(population, weight=population.weight[:, kept], hazard=population.hazard[kept])
    return _likelihood(statistics, population).posterior(population)


def _likelihood(statistics: Statistics, population: Population) -> _Likelihood:
    """Likelihood of the gaps and of the silence on the rate points of each client and shape."""
    gaps = statistics.gaps[:, None]
    r, scale = population.rate_shape, population.rate_scale
    # Marginal likelihood of the gaps, with the rate integrated out, to drop negligible shapes.
    shape_of, days_of = r + SHAPES * gaps, scale + SHAPES * statistics.gap_sum[:, None]
    constant = SHAPES * np.log(SHAPES) * gaps + (SHAPES - 1) * statistics.log_gap_sum[:, None]
    constant -= gaps * special.gammaln(SHAPES)
    marginal = constant + special.gammaln(shape_of) - shape_of * np.log(days_of) + r * np.log(scale)
    marginal += np.log(np.maximum(population.weight.sum(axis=1), 1e-300)) - special.gammaln(r)
    kept = marginal > marginal.max(axis=1, keepdims=True) + np.log(_NEGLIGIBLE)
    client, shape = np.nonzero(kept)
    k, x = SHAPES[shape][:, None], statistics.gaps[client][:, None]
    centre = np.log(shape_of / days_of)[kept][:, None]
    width = np.sqrt(2 * special.polygamma(1, shape_of[kept]))[:, None]
    log_rate = centre + width * _POINTS
    log_gaps = constant[kept][:, None] + k * x * log_rate - k * np.exp(log_rate) * statistics.gap_sum[client][:, None]
    log_gaps += np.log(width) + np.log(_POINT_WEIGHTS) + _POINTS**2
    w, span = statistics.silence[client][:, None, None], statistics.span[client][:, None, None]
    b, k, hazard = (k * np.exp(log_rate))[:, :, None], k[:, :, None], population.hazard
    pauses, pause_end = population.pause_share, np.exp(log_rate)[:, :, None] / PAUSE
    silent_if_active = (1 - pauses) * survival(shape, b * w) + pauses * np.exp(-pause_end * w)
    # 1 − (b / (b + m))^k P, rearranged to avoid cancellation for clients who left long ago.
    silent = survival(shape, (b + hazard) * w)
    silent = silent - (1 - silent) * np.expm1(-k * np.log1p(hazard / b))
    paused = (hazard + pause_end * np.exp(-(pause_end + hazard) * w)) / (pause_end + hazard)
    silent = np.maximum((1 - pauses) * silent + pauses * paused, 1e-300)
    stays = np.minimum(np.exp(-hazard * w) * silent_if_active / silent, 1)
    log_value = log_gaps[:, :, None] + np.log(silent) - hazard * span
    log_unit = np.full(len(statistics), -np.inf)
    np.maximum.at(log_unit, client, log_value.max(axis=(1, 2)))
    value = np.exp(log_value - log_unit[client][:, None, None])
    return _Likelihood(client, shape, log_rate, value, log_unit, stays, silent)


def survival(shape: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Q(k, value) by row, shape of `values` (rows, …); `shape` (rows,) holds indices into `SHAPES`."""
    result = np.empty_like(values)
    for i in np.unique(shape):
        rows = shape == i
        result[rows] = renewal.survival(SHAPES[i], values[rows])
    return result


def _maximise(likelihood: _Likelihood, by_hazard: np.ndarray, by_point: np.ndarray, guess: Population) -> Population:
    """M-step: population that maximises the expected log-likelihood, with `guess` as `_PRIOR_CLIENTS` extra clients."""
    size, shape = len(SHAPES), likelihood.shape
    weight = np.array([np.bincount(shape, column, minlength=size) for column in by_hazard.T]).T
    weight = weight + _PRIOR_CLIENTS * guess.weight
    count, rate, log_rate = (
        np.bincount(shape, (by_point * values).sum(axis=1), minlength=size)
        for values in (1.0, likelihood.rate, likelihood.log_rate)
    )
    prior_rate = guess.rate_shape[0] / guess.rate_scale[0]
    prior_log = special.digamma(guess.rate_shape[0]) - np.log(guess.rate_scale[0])
    total = count.sum() + _PRIOR_CLIENTS
    mean = (rate.sum() + _PRIOR_CLIENTS * prior_rate) / total
    log_mean = (log_rate.sum() + _PRIOR_CLIENTS * prior_log) / total
    mean = (rate + _BORROWED * mean) / (count + _BORROWED)
    log_mean = (log_rate + _BORROWED * log_mean) / (count + _BORROWED)
    rate_shape = _gamma_shape(np.log(mean) - log_mean)
    return replace(guess, weight=weight / weight.sum(), rate_shape=rate_shape, rate_scale=rate_shape / mean)


def _gamma_shape(spread: np.ndarray) -> np.ndarray:
    """Gamma shape with log E − E log = `spread`, by Newton's method from Minka's start; clipped to 0.2–50."""
    spread = np.maximum(spread, 1e-6)
    shape = (3 - spread + np.sqrt((spread - 3) ** 2 + 24 * spread)) / (12 * spread)
    for _ in range(5):
        value = np.log(shape) - special.digamma(shape) - spread
        shape = np.maximum(shape - value / (1 / shape - special.polygamma(1, shape)), 1e-3)
    return np.clip(shape, 0.2, 50)
