"""Estimates with 95 % intervals: Student's t, ratios by the delta method and by Fieller's theorem; q-values."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

LEVEL = 0.95
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; NaN where not estimable."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan

    def times(self, factor: float) -> "Estimate":
        """Scale the estimate; `factor` must not be negative."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)

    def plus(self, constant: float) -> "Estimate":
        """Shift the estimate by a known constant."""
        return Estimate(self.value + constant, self.low + constant, self.high + constant)


def t_quantile(df: float) -> float:
    """Student's t quantile of a two-sided 95 % interval; `df` must be finite."""
    # scipy.stats.t.ppf would dominate the run time of an analysis.
    return float(special.stdtrit(df, 0.5 + LEVEL / 2))


def student(value: float, variance: float, df: float, *, is_exact: bool = False) -> Estimate:
    """Estimate with a Student's t interval.

    With zero variance there is no interval, unless the quantity is known exactly (`is_exact`, e.g. a fixed fee per
    client).
    """
    if not np.isfinite(value):
        return Estimate()
    if variance <= 0 or not np.isfinite(variance) or not df > 0:
        return Estimate(value, value, value) if is_exact else Estimate(value)
    half = t_quantile(df) * np.sqrt(variance)
    return Estimate(value, value - half, value + half)


def p_value(value: float, variance: float, df: float) -> float:
    """Two-sided p-value of the null hypothesis of no effect; NaN where not estimable."""
    if not np.isfinite(value) or not variance > 0 or not df > 0:
        return np.nan
    return float(2 * special.stdtr(df, -abs(value) / np.sqrt(variance)))


def ratio(top: float, bottom: float, var_top: float, var_bottom: float, covariance: float, df: float) -> Estimate:
    """``top / bottom`` with a delta-method interval.

    NaN unless the denominator is more than two standard errors above 0: near 0 the delta method fails.
    """
    if not (np.isfinite(top) and np.isfinite(bottom)) or bottom <= 0:
        return Estimate()
    if bottom <= 2 * np.sqrt(max(var_bottom, 0.0)):
        return Estimate()
    value = top / bottom
    variance = (var_top - 2 * value * covariance + value**2 * var_bottom) / bottom**2
    return student(value, variance, df)


def fieller(top: float, bottom: float, var_top: float, var_bottom: float, covariance: float, df: float) -> Estimate:
    """``top / bottom`` with Fieller's (1954) interval: all ratios ρ for which ``top − ρ · bottom = 0`` is not rejected.

    For imprecise ratios, where the delta-method interval depends on the estimated ratio. NaN where the denominator does
    not differ significantly from 0: the interval is then unbounded.
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
    """Benjamini–Hochberg q-values of the known p-values, shape (tests,); NaN stays NaN."""
    known = ~np.isnan(p_values)
    result = np.full(len(p_values), np.nan)
    if known.any():
        result[known] = stats.false_discovery_control(p_values[known], method="bh")
    return result
