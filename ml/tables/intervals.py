"""Estimates with 95 % intervals: Wilson, Student, ratios by the delta method and by Fieller's, q-values."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

LEVEL = 0.95
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; NaN where it cannot be told."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan

    def times(self, factor: float) -> "Estimate":
        """Convert the estimate to another unit; `factor` must not be negative."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)

    def plus(self, constant: float) -> "Estimate":
        """Move the estimate by a known constant."""
        return Estimate(self.value + constant, self.low + constant, self.high + constant)


def t_quantile(df: float) -> float:
    """Student's t at which a 95 % interval ends; `df` finite."""
    # Of the distribution's object it would take most of the time of an analysis.
    return float(special.stdtrit(df, 0.5 + LEVEL / 2))


def wilson(successes: int, trials: int, *, design_effect: float = 1.0) -> Estimate:
    """Share with the Wilson (1927) score interval; NaN without trials.

    With a design effect above 1 (trials in groups that are alike) the interval is that of as many fewer independent
    trials, with one below 1 (trials in strata that differ) of as many more (Korn and Graubard 1998).
    """
    if trials == 0:
        return Estimate()
    share, fewer = successes / trials, trials / design_effect
    z = stats.norm.ppf(0.5 + LEVEL / 2)
    middle = (share + z**2 / (2 * fewer)) / (1 + z**2 / fewer)
    half = z / (1 + z**2 / fewer) * np.sqrt(share * (1 - share) / fewer + z**2 / (4 * fewer**2))
    # At 0 and 1 the bound is the share itself; the formula misses it by a rounding.
    low = 0.0 if successes == 0 else max(middle - half, 0.0)
    high = 1.0 if successes == trials else min(middle + half, 1.0)
    return Estimate(share, float(low), float(high))


def student(value: float, variance: float, df: float, *, is_exact: bool = False) -> Estimate:
    """Estimate with a t interval.

    A variance of 0 means that nothing varied: then no interval is given, unless the quantity is
    known exactly (`is_exact`, e.g. a fixed fee per client).
    """
    if not np.isfinite(value):
        return Estimate()
    if variance <= 0 or not np.isfinite(variance) or not df > 0:
        return Estimate(value, value, value) if is_exact else Estimate(value)
    half = t_quantile(df) * np.sqrt(variance)
    return Estimate(value, value - half, value + half)


def p_value(value: float, variance: float, df: float) -> float:
    """Two-sided p-value of "the effect is 0"; NaN where it cannot be told."""
    if not np.isfinite(value) or not variance > 0 or not df > 0:
        return np.nan
    return float(2 * special.stdtr(df, -abs(value) / np.sqrt(variance)))


def ratio(top: float, bottom: float, var_top: float, var_bottom: float, covariance: float, df: float) -> Estimate:
    """``top / bottom`` with a delta-method interval.

    NaN where the denominator is not clearly positive (within two standard errors of 0): a ratio to
    nearly nothing has no useful interval.
    """
    if not (np.isfinite(top) and np.isfinite(bottom)) or bottom <= 0:
        return Estimate()
    if bottom <= 2 * np.sqrt(max(var_bottom, 0.0)):
        return Estimate()
    value = top / bottom
    variance = (var_top - 2 * value * covariance + value**2 * var_bottom) / bottom**2
    return student(value, variance, df)


def fieller(top: float, bottom: float, var_top: float, var_bottom: float, covariance: float, df: float) -> Estimate:
    """``top / bottom`` with Fieller's (1954) interval: of all ratios ρ at which ``top − ρ · bottom`` may be 0.

    For ratios far from known, whose delta-method interval hangs on the ratio that was found. NaN where the denominator
    may be 0 as well: then the ratio may be anything.
    """
    if not (np.isfinite(top) and np.isfinite(bottom)) or bottom <= 0 or not df > 0:
        return Estimate()
    squared = t_quantile(df) ** 2
    square = bottom**2 - squared * max(var_bottom, 0.0)
    if square <= 0:
        return Estimate()
    value = top / bottom
    if not var_top > 0:
        return Estimate(value)
    middle, rest = top * bottom - squared * covariance, top**2 - squared * var_top
    reach = np.sqrt(max(middle**2 - square * rest, 0.0))
    return Estimate(value, float((middle - reach) / square), float((middle + reach) / square))


def q_values(p_values: np.ndarray) -> np.ndarray:
    """Benjamini–Hochberg over the known p-values; NaN stays NaN.

    Parameters
    ----------
    p_values : ndarray of shape (tests,)
    """
    known = ~np.isnan(p_values)
    result = np.full(len(p_values), np.nan)
    if known.any():
        result[known] = stats.false_discovery_control(p_values[known], method="bh")
    return result
