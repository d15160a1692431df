"""What the learners of effects and the Qini curve take, checked before anything is fitted."""

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags

from ml.tables.errors import ColumnTypeError, InvalidValueError, MissingColumnError


def check_numbers(values, what: str) -> np.ndarray:
    """Array of finite float64, shape (rows,); InvalidValueError otherwise."""
    found = np.asarray(values)
    if found.ndim != 1:
        raise InvalidValueError(what, f"array of shape {found.shape}", "the arguments", "one number per row")
    try:
        found = found.astype(np.float64)
    except (TypeError, ValueError):
        raise InvalidValueError(what, f"array of {found.dtype}", "the arguments", "numbers or booleans") from None
    wrong = np.flatnonzero(~np.isfinite(found))
    if len(wrong):
        raise InvalidValueError(what, float(found[wrong[0]]), f"row {wrong[0]}", "finite numbers")
    return found


def check_treatment(values) -> np.ndarray:
    """Array of 0 and 1 as int64, shape (rows,); InvalidValueError otherwise."""
    found = check_numbers(values, "treatment")
    wrong = np.flatnonzero((found != 0) & (found != 1))
    if len(wrong):
        raise InvalidValueError("treatment", float(found[wrong[0]]), f"row {wrong[0]}", "0 (control) or 1 (treated)")
    return found.astype(np.int64)


def check_lengths(**arrays: np.ndarray) -> None:
    """Raise InvalidValueError unless all have the same number of rows."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidValueError("number of rows", lengths, "the arguments", "the same for all")


def check_arms(treatment: np.ndarray, at_least: int) -> None:
    """Raise InvalidValueError unless each arm has `at_least` rows."""
    for arm, name in ((0, "control"), (1, "treated")):
        rows = int((treatment == arm).sum())
        if rows < at_least:
            raise InvalidValueError("rows", rows, f"the {name} arm (treatment {arm})", f"at least {at_least}")


def check_propensity(propensity, treatment: np.ndarray) -> np.ndarray:
    """Probability of treatment per row, shape (rows,).

    Parameters
    ----------
    propensity : None, float or array-like of shape (rows,)
        None takes the share that was treated.
    treatment : ndarray of shape (rows,)
    """
    if propensity is None:
        return np.full(len(treatment), treatment.mean())
    if np.ndim(propensity) == 0:
        propensity = np.full(len(treatment), propensity)
    found = check_numbers(propensity, "propensity")
    check_lengths(propensity=found, treatment=treatment)
    wrong = np.flatnonzero((found <= 0) | (found >= 1))
    if len(wrong):
        raise InvalidValueError("propensity", float(found[wrong[0]]), f"row {wrong[0]}", "above 0 and below 1")
    return found


def check_columns(X, base: BaseEstimator) -> tuple[np.ndarray, np.ndarray | None]:
    """X as float64 of shape (rows, columns), and its column names where it is a data frame.

    Missing values pass if `base` can take them, infinite ones never do.

    Raises
    ------
    ColumnTypeError
        A column holds text, dates or categories.
    InvalidValueError
        X is not a table, is empty, or has values that `base` cannot take.
    """
    names = None
    if isinstance(X, pd.DataFrame):
        names = np.asarray(X.columns, dtype=object)
        for name, kind in X.dtypes.items():
            if not (is_numeric_dtype(kind) or is_bool_dtype(kind)):
                raise ColumnTypeError(str(name), kind, "a number or a boolean (one column of 0 and 1 per category)")
        found = X.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        found = np.asarray(X)
        try:
            found = found.astype(np.float64)
        except (TypeError, ValueError):
            raise InvalidValueError("X", f"array of {found.dtype}", "the arguments", "numbers or booleans") from None
    if found.ndim != 2 or 0 in found.shape:
        raise InvalidValueError("X", f"array of shape {found.shape}", "the arguments", "rows × columns, not empty")
    _check_values(found, names, get_tags(base).input_tags.allow_nan)
    return found, names


def _check_values(X: np.ndarray, names: np.ndarray | None, may_be_missing: bool) -> None:
    wrong = np.isinf(X) if may_be_missing else ~np.isfinite(X)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        allowed = "finite numbers or missing" if may_be_missing else "finite numbers: this base takes no missing values"
        name = f"'{names[column]}'" if names is not None else column
        raise InvalidValueError("X", float(X[row, column]), f"row {row}, column {name}", allowed)


def check_same_columns(names: np.ndarray | None, count: int, fitted: np.ndarray | None, fitted_count: int) -> None:
    """Raise unless the columns are those of the fit, in their order (by number where either has no names).

    Raises
    ------
    MissingColumnError
        A column of the fit is missing.
    InvalidValueError
        There are others, or the order differs.
    """
    if names is not None and fitted is not None:
        missing = set(fitted) - set(names)
        if missing:
            raise MissingColumnError("X", map(str, missing), map(str, names))
        if list(names) != list(fitted):
            found, allowed = [str(name) for name in names], [str(name) for name in fitted]
            raise InvalidValueError("columns", found, "X", f"those of the fit in their order, {allowed}")
    if count != fitted_count:
        raise InvalidValueError("number of columns", count, "X", f"{fitted_count}, as in the fit")
