"""Intervals of shares; a module of its own because importing statsmodels takes half a second."""

from statsmodels.stats.proportion import proportion_confint

from ml.tables.intervals import LEVEL, Estimate


def wilson(successes: int, trials: int, *, design_effect: float = 1.0) -> Estimate:
    """Share with the Wilson (1927) score interval; NaN without trials.

    The interval uses the effective sample size ``trials / design_effect`` (Korn and Graubard 1998): a design effect
    above 1 for clustered trials, below 1 for stratified ones.
    """
    if trials == 0:
        return Estimate()
    share, size = successes / trials, trials / design_effect
    low, high = proportion_confint(share * size, size, alpha=1 - LEVEL, method="wilson")
    # At 0 and 1 the bound equals the share; statsmodels is off by a rounding error.
    return Estimate(share, min(low, share), max(high, share))
