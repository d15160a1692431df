"""Effect learners: equal to the formulas and to EconML, recover planted effects, claim next to none without effects."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from lab.uplift.worlds import TREATED_SHARE, trial
from ml.tables.errors import ColumnTypeError, InvalidValueError, MissingColumnError
from ml.uplift import DRLearner, TLearner, XLearner, qini_auc
from ml.uplift.cross_fitting import cross_fit
from ml.uplift.doubly_robust import doubly_robust

ROOT = Path(__file__).parents[4]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "uplift" / "learners.json").read_text(encoding="utf-8"))
LEARNERS = (TLearner, XLearner, DRLearner)
SMALL = trial("linear", 600, np.random.default_rng(1))

every_learner = pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.__name__)


def golden(*names):
    return [np.array(GOLDEN[name]) for name in names]


@pytest.mark.parametrize(
    ("learner", "expected"),
    [
        (TLearner(LinearRegression()), "T"),
        (XLearner(LinearRegression()), "X_learner"),
        (XLearner(DecisionTreeRegressor(max_depth=2, random_state=0)), "X_learner_tree"),
    ],
    ids=["T", "X", "X of trees"],
)
def test_learner_equals_econml(learner, expected):
    X, y, treatment, new, effect = golden("X", "y", "treatment", "new", expected)
    np.testing.assert_allclose(learner.fit(X, y, treatment).predict(new), effect, atol=1e-9)


def test_regression_of_the_scores_equals_econml():
    X, y, treatment, fold, new, effect = golden("X", "y", "treatment", "fold", "new", "DR")
    propensity = np.full(len(y), treatment.mean())
    arms = [treatment == 0, treatment == 1]
    control, treated = cross_fit(X, y, fold, arms, lambda X, y: LinearRegression().fit(X, y))
    scores = doubly_robust(y, treatment, propensity, control, treated)
    np.testing.assert_allclose(LinearRegression().fit(X, scores).predict(new), effect, atol=1e-9)


def test_t_is_the_difference_of_two_regressions():
    X, y, treatment = SMALL.X.iloc[:, 11:], SMALL.y, SMALL.treatment
    fits = [LinearRegression().fit(X[treatment == k], y[treatment == k]).predict(X) for k in (0, 1)]
    found = TLearner(LinearRegression()).fit(X, y, treatment).predict(X)
    np.testing.assert_allclose(found, fits[1] - fits[0], atol=1e-9)


def test_x_is_the_formula_of_kuenzel_et_al():
    X, y, treatment = SMALL.X.to_numpy(), SMALL.y, SMALL.treatment
    tree = DecisionTreeRegressor(max_depth=3, random_state=0)
    control, treated = treatment == 0, treatment == 1
    without = clone(tree).fit(X[control], y[control])
    given = clone(tree).fit(X[treated], y[treated])
    of_control = clone(tree).fit(X[control], given.predict(X[control]) - y[control])
    of_treated = clone(tree).fit(X[treated], y[treated] - without.predict(X[treated]))
    expected = 0.3 * of_control.predict(X) + 0.7 * of_treated.predict(X)
    np.testing.assert_allclose(XLearner(tree).fit(X, y, treatment, propensity=0.3).predict(X), expected, atol=1e-9)


@pytest.mark.parametrize(
    "propensity", [None, 0.4, np.where(SMALL.X["flag_1"] > 0, 0.3, 0.6)], ids=["share", "p", "rows"]
)
def test_dr_is_the_regression_of_the_cross_fitted_aipw_score(propensity):
    X, y, treatment = SMALL.X.iloc[:, 11:].to_numpy(), SMALL.y, SMALL.treatment
    learner = DRLearner(LinearRegression(), folds=4, random_state=7).fit(X, y, treatment, propensity=propensity)
    p = np.broadcast_to(treatment.mean() if propensity is None else propensity, y.shape)
    score = np.empty(len(y))
    for part in range(4):
        out = learner.fold_ == part
        m0, m1 = (
            LinearRegression().fit(X[~out & (treatment == k)], y[~out & (treatment == k)]).predict(X[out])
            for k in (0, 1)
        )
        t, observed = treatment[out], y[out]
        score[out] = m1 - m0 + t * (observed - m1) / p[out] - (1 - t) * (observed - m0) / (1 - p[out])
    np.testing.assert_allclose(learner.predict(X), LinearRegression().fit(X, score).predict(X), atol=1e-9)
    assert learner.average_effect_ == pytest.approx(score.mean())
    assert learner.average_effect_error_ == pytest.approx(score.std(ddof=1) / np.sqrt(len(y)))


def test_folds_hold_the_same_share_of_each_arm():
    learner = DRLearner(LinearRegression(), folds=5).fit(SMALL.X, SMALL.y, SMALL.treatment)
    for arm in (0, 1):
        counts = np.bincount(learner.fold_[SMALL.treatment == arm])
        assert len(counts) == 5
        assert np.ptp(counts) <= 1


@pytest.mark.statistical
@pytest.mark.parametrize(("learner", "at_most"), [(TLearner, 0.95), (XLearner, 0.8), (DRLearner, 0.8)])
def test_planted_effects_are_found(learner, at_most):
    """More accurate than the true average effect, whose error is the standard deviation of the effects."""
    for world in ("linear", "groups", "nonlinear"):
        train, test = (trial(world, rows, np.random.default_rng(rows)) for rows in (10_000, 8_000))
        found = learner().fit(train.X, train.y, train.treatment).predict(test.X)
        error = np.sqrt(((found - test.effect) ** 2).mean())
        assert error < at_most * test.effect.std(), world
        assert np.corrcoef(found, test.effect)[0, 1] > 0.6, world
        assert found.mean() == pytest.approx(test.effect.mean(), abs=0.05), world
        assert qini_auc(test.y, found, test.treatment) > 0.02, world


@pytest.mark.statistical
def test_dr_claims_nearly_nothing_without_an_effect():
    """Standard deviation of the predictions relative to the outcomes, over three trials without any effect."""
    shares = []
    for seed in range(3):
        train = trial("none", 6_000, np.random.default_rng(seed))
        learner = DRLearner().fit(train.X, train.y, train.treatment)
        shares.append(learner.predict(train.X).std() / train.y.std())
        assert abs(learner.average_effect_) < 4 * learner.average_effect_error_
    assert np.mean(shares) < 0.03


@pytest.mark.statistical
@pytest.mark.parametrize("world", ["rare", "counts", "binary"])
def test_average_effect_is_right_for_every_outcome_and_share_treated(world):
    train = trial(world, 8_000, np.random.default_rng(4))
    learner = DRLearner().fit(train.X, train.y, train.treatment, propensity=TREATED_SHARE[world])
    assert abs(learner.average_effect_ - train.effect.mean()) < 3 * learner.average_effect_error_


def test_strata_need_their_own_propensity():
    """Half the clients have propensity 0.2, half 0.8, and those spend more: the overall share treated is biased."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(20_000, 3))
    propensity = np.where(X[:, 0] > 0, 0.8, 0.2)
    treatment = (rng.random(20_000) < propensity).astype(int)
    y = 3.0 * (X[:, 0] > 0) + 0.5 * treatment + rng.normal(size=20_000)
    mean = DecisionTreeRegressor(max_depth=1, max_features=1, random_state=0)
    X = X[:, [1, 2]]
    given = DRLearner(mean).fit(X, y, treatment, propensity=propensity).average_effect_
    assert given == pytest.approx(0.5, abs=0.15)
    assert DRLearner(mean).fit(X, y, treatment).average_effect_ > 1.5


@every_learner
def test_row_order_does_not_matter(learner):
    rows = np.random.default_rng(2).permutation(len(SMALL.y))
    first = learner().fit(SMALL.X, SMALL.y, SMALL.treatment).predict(SMALL.X)
    second = learner().fit(SMALL.X.iloc[rows], SMALL.y[rows], SMALL.treatment[rows]).predict(SMALL.X)
    np.testing.assert_allclose(second, first, atol=1e-9)


@every_learner
def test_effects_ignore_a_shift_of_y_and_scale_with_its_unit(learner):
    first, moved, scaled = (
        learner().fit(SMALL.X, y, SMALL.treatment).predict(SMALL.X) for y in (SMALL.y, SMALL.y + 100, SMALL.y * 1000)
    )
    np.testing.assert_allclose(moved, first, atol=1e-6)
    np.testing.assert_allclose(scaled / 1000, first, atol=1e-6)


@pytest.mark.parametrize("learner", [TLearner, XLearner])
def test_exchanging_the_arms_flips_the_sign(learner):
    first, second = (
        learner(LinearRegression()).fit(SMALL.X, SMALL.y, treatment).predict(SMALL.X)
        for treatment in (SMALL.treatment, 1 - SMALL.treatment)
    )
    np.testing.assert_allclose(first, -second, atol=1e-8)


@every_learner
def test_missing_values_are_allowed_by_default_and_rejected_if_the_base_cannot_take_them(learner):
    rng = np.random.default_rng(3)
    X = SMALL.X.mask(rng.random(SMALL.X.shape) < 0.1).assign(nothing=np.nan)
    assert np.isfinite(learner().fit(X, SMALL.y, SMALL.treatment).predict(X)).all()
    with pytest.raises(InvalidValueError, match="this base takes no missing values"):
        learner(LinearRegression()).fit(X, SMALL.y, SMALL.treatment)


@every_learner
def test_scikit_learn_conventions_hold(learner):
    base = RandomForestRegressor(n_estimators=5)
    one = learner(base, random_state=4)
    copy = clone(one)
    assert copy.get_params()["random_state"] == 4
    assert copy.get_params()["base__n_estimators"] == 5
    with pytest.raises(NotFittedError):
        copy.predict(SMALL.X)
    first = one.fit(SMALL.X, SMALL.y, SMALL.treatment)
    assert first is one
    assert not hasattr(base, "estimators_")
    np.testing.assert_array_equal(first.predict(SMALL.X), copy.fit(SMALL.X, SMALL.y, SMALL.treatment).predict(SMALL.X))
    other = learner(base, random_state=5).fit(SMALL.X, SMALL.y, SMALL.treatment).predict(SMALL.X)
    assert (other != first.predict(SMALL.X)).any()
    assert list(one.feature_names_in_) == list(SMALL.X.columns)
    assert one.n_features_in_ == SMALL.X.shape[1]


@every_learner
def test_frames_arrays_booleans_and_other_indices_give_the_same_effects(learner):
    first = learner(LinearRegression()).fit(SMALL.X, SMALL.y, SMALL.treatment)
    index = np.arange(len(SMALL.y))[::-1]
    series = pd.Series(SMALL.y, index=index), pd.Series(SMALL.treatment == 1, index=index)
    second = learner(LinearRegression()).fit(SMALL.X.to_numpy(), *series)
    third = learner(LinearRegression()).fit(SMALL.X.convert_dtypes(), *series)
    np.testing.assert_array_equal(first.predict(SMALL.X), second.predict(SMALL.X))
    np.testing.assert_array_equal(first.predict(SMALL.X), third.predict(SMALL.X))


def test_refitting_on_an_array_drops_the_column_names():
    one = TLearner(LinearRegression()).fit(SMALL.X, SMALL.y, SMALL.treatment)
    one.fit(SMALL.X.to_numpy()[:, :4], SMALL.y, SMALL.treatment)
    assert one.predict(SMALL.X.iloc[:, 20:24]).shape == (len(SMALL.y),)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"treatment": np.where(SMALL.treatment == 1, 2, 0)},
            InvalidValueError,
            r"treatment = 2\.0 in row \d+; allowed: 0",
        ),
        ({"treatment": np.zeros(600)}, InvalidValueError, r"rows = 0 in the treated arm"),
        ({"treatment": np.r_[1, 1, np.zeros(598)]}, InvalidValueError, r"rows = 2 in the treated arm .* at least 3"),
        ({"treatment": SMALL.treatment[:599]}, InvalidValueError, "number of rows"),
        ({"y": np.where(np.arange(600) == 7, np.nan, 1)}, InvalidValueError, "y = nan in row 7"),
        ({"y": np.where(np.arange(600) == 7, np.inf, 1)}, InvalidValueError, "y = inf in row 7"),
        ({"y": SMALL.y[:10]}, InvalidValueError, "number of rows"),
        ({"y": np.repeat("much", 600)}, InvalidValueError, "numbers or booleans"),
        ({"X": SMALL.X.assign(flag_0=np.inf)}, InvalidValueError, "X = inf in row 0, column 'flag_0'"),
        ({"X": SMALL.X.assign(flag_0="yes")}, ColumnTypeError, "column 'flag_0' has type"),
        ({"X": SMALL.X["spend"].to_numpy()}, InvalidValueError, "not empty"),
        ({"X": SMALL.X[[]]}, InvalidValueError, "not empty"),
        ({"propensity": 1.0}, InvalidValueError, r"propensity = 1\.0"),
        ({"propensity": [0.5]}, InvalidValueError, "number of rows"),
    ],
)
def test_invalid_input_is_rejected(change, error, message):
    given = {"X": SMALL.X, "y": SMALL.y, "treatment": SMALL.treatment} | change
    with pytest.raises(error, match=message):
        DRLearner().fit(**given)


@pytest.mark.parametrize("folds", [1, 2.5, "3"])
def test_folds_are_at_least_two(folds):
    with pytest.raises(InvalidValueError, match="folds"):
        DRLearner(folds=folds).fit(SMALL.X, SMALL.y, SMALL.treatment)


@every_learner
def test_other_columns_at_predict_are_rejected(learner):
    one = learner(LinearRegression()).fit(SMALL.X, SMALL.y, SMALL.treatment)
    with pytest.raises(MissingColumnError, match="flag_0"):
        one.predict(SMALL.X.drop(columns="flag_0"))
    with pytest.raises(InvalidValueError, match="columns"):
        one.predict(SMALL.X.assign(more=1.0))
    with pytest.raises(InvalidValueError, match="in their order"):
        one.predict(SMALL.X.iloc[:, ::-1])
    with pytest.raises(InvalidValueError, match="number of columns = 3"):
        one.predict(SMALL.X.to_numpy()[:, :3])


THREADS = """
import sys
import numpy as np
from ml.uplift import DRLearner
from lab.uplift.worlds import trial
train = trial("nonlinear", 6_000, np.random.default_rng(9))
sys.stdout.write(DRLearner().fit(train.X, train.y, train.treatment).predict(train.X).tobytes().hex())
"""


def test_number_of_threads_does_not_matter():
    found = {
        subprocess.run(
            [sys.executable, "-c", THREADS],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(found) == 1
    assert len(found.pop()) == 6_000 * 16
