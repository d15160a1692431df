"""T- and X-learner of conditional treatment effects in randomised trials.

Textbook constructions around any scikit-learn regressor, `base`, used in all stages. The default,
`ml.uplift.shrunk.ShrunkRegressor`, shrinks towards the mean: effects are small compared with the noise, and shrinkage
towards the average effect decides the accuracy. docs/uplift.md compares the learners; the project uses `DRLearner`.

Implemented here instead of using EconML or causalml; tests compare them with EconML's results
(docs/adr/0011-uplift-learner.md).
"""

import numpy as np

from ml.uplift.base import Learner


class TLearner(Learner):
    """T-learner: difference of two regressions, one per arm.

    Each arm is shrunk towards its own mean, so the difference is not shrunk towards the average effect. A baseline;
    preferable only for large effects.

    Parameters
    ----------
    base : scikit-learn regressor, optional
        `ml.uplift.shrunk.ShrunkRegressor` by default.
    random_state : int, RandomState or None
        With None, each fit uses another row order and thus other folds.

    Attributes
    ----------
    control_, treated_ : fitted regressors of y in each arm
    average_propensity_ : float
        Not used by this learner.
    """

    def _fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        treatment: np.ndarray,
        propensity: np.ndarray,
        rng: np.random.RandomState,
    ) -> None:
        self.control_, self.treated_ = (self._trained(X[treatment == k], y[treatment == k], rng) for k in (0, 1))

    def _effect(self, X: np.ndarray) -> np.ndarray:
        return self.treated_.predict(X) - self.control_.predict(X)


class XLearner(Learner):
    """X-learner (Künzel, Sekhon, Bickel and Yu 2019): effects imputed from the other arm, regressed and weighted.

    The imputed effect of a treated client is its outcome minus the prediction of the control regression; of a control
    client, the prediction of the treated regression minus its outcome. Each regression is applied only to the other
    arm, so no cross-fitting is needed. The regression of the control clients' effects is weighted by the mean
    propensity p, that of the treated clients' effects by 1 - p.

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

    def _fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        treatment: np.ndarray,
        propensity: np.ndarray,
        rng: np.random.RandomState,
    ) -> None:
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
