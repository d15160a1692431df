"""What a treatment does to each client: learners of conditional effects for randomised trials.

Three textbook constructions around any scikit-learn regressor, `base`, which all their stages use. Without one it is
`ml.uplift.shrunk.ShrunkRegressor`, which says "the mean" until the rows show more: effects are small beside the noise, and
what wins is honest shrinkage towards the average effect. docs/uplift.md compares them; `DRLearner` is the project's.

Written here rather than taken from EconML or causalml; tests hold them against EconML's numbers
(docs/adr/0011-uplift-learner.md).
"""

import numpy as np

from ml.uplift.base import Learner


class TLearner(Learner):
    """Difference of two regressions, one per arm.

    Each arm is shrunk by itself, towards its own mean, so the difference is not shrunk towards the average effect: a
    yardstick, and the choice only for large effects.

    Parameters
    ----------
    base : scikit-learn regressor, optional
    random_state : int, RandomState or None
        None: another order of rows, and so other folds, at each fit.

    Attributes
    ----------
    control_, treated_ : fitted regressors of y in each arm
    average_propensity_ : float
        Not used by this learner.
    """

    def _fit(self, X, y, treatment, propensity, rng) -> None:
        self.control_, self.treated_ = (self._trained(X[treatment == k], y[treatment == k], rng) for k in (0, 1))

    def _effect(self, X: np.ndarray) -> np.ndarray:
        return self.treated_.predict(X) - self.control_.predict(X)


class XLearner(Learner):
    """Künzel, Sekhon, Bickel and Yu (2019): effects imputed from the other arm, regressed, and weighted.

    A treated client's effect is its outcome less what the control clients' regression expects of it; a control
    client's is what the treated clients' regression expects less its outcome. Neither regression has seen the client it
    is applied to: the arms are each other's other fold, and no further folds are needed. The two regressions of these
    effects are weighted by the probability of treatment, that of the control clients by p and that of the treated by
    1 - p; where it differs between rows, by its mean.

    Parameters
    ----------
    base, random_state
        As for `TLearner`.

    Attributes
    ----------
    control_, treated_ : fitted regressors of y in each arm
    control_effect_, treated_effect_ : fitted regressors of the imputed effects in each arm
    average_propensity_ : float
    """

    def _fit(self, X, y, treatment, propensity, rng) -> None:
        control, treated = treatment == 0, treatment == 1
        self.control_ = self._trained(X[control], y[control], rng)
        self.treated_ = self._trained(X[treated], y[treated], rng)
        in_control = self.treated_.predict(X[control]) - y[control]
        in_treated = y[treated] - self.control_.predict(X[treated])
        self.control_effect_ = self._trained(X[control], in_control, rng)
        self.treated_effect_ = self._trained(X[treated], in_treated, rng)

    def _effect(self, X: np.ndarray) -> np.ndarray:
        share = self.average_propensity_
        return share * self.control_effect_.predict(X) + (1 - share) * self.treated_effect_.predict(X)
