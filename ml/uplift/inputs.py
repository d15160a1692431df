"""Input checks of the effect learners and the Qini curve."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags

from ml.tables.errors import ColumnTypeError, InvalidValueError, MissingColumnError


def check_numbers(values: ArrayLike, what: str) -> np.ndarray:
    """Convert to finite float64, shape (rows,); raises InvalidValueError if impossible."""
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


def check_treatment(values: ArrayLike) -> np.ndarray:
    """Convert to int64 zeros and ones, shape (rows,); raises InvalidValueError if impossible."""
    found = check_numbers(values, "treatment")
    wrong = np.flatnonzero((found != 0) & (found != 1))
    if len(wrong):
        raise InvalidValueError("treatment", float(found[wrong[0]]), f"row {wrong[0]}", "0 (control) or 1 (treated)")
    return found.astype(np.int64)


def check_lengths(**arrays: np.ndarray) -> None:
    """Raise InvalidValueError unless all arrays have the same number of rows."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidValueError("number of rows", lengths, "the arguments", "the same for all")


def check_arms(treatment: np.ndarray, at_least: int) -> None:
    """Raise InvalidValueError unless each arm has at least `at_least` rows."""
    for arm, name in ((0, "control"), (1, "treated")):
        rows = int((treatment == arm).sum())
        if rows < at_least:
            raise InvalidValueError("rows", rows, f"the {name} arm (treatment {arm})", f"at least {at_least}")


def check_propensity(propensity: ArrayLike | None, treatment: np.ndarray) -> np.ndarray:
    """Probability of treatment by row, shape (rows,); the share treated if `propensity` is None.

    Raises
    ------
    InvalidValueError
        If the length differs from `treatment`, or a value is not strictly between 0 and 1.
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


def check_columns(X: pd.DataFrame | ArrayLike, base: BaseEstimator) -> tuple[np.ndarray, np.ndarray | None]:
    """Convert X to float64 of shape (rows, columns); also returns the column names of a data frame, else None.

    Missing values are allowed if `base` supports them, infinite values never.

    Raises
    ------
    ColumnTypeError
        If a column holds text, dates or categories.
    InvalidValueError
        If X is not a table, is empty, or has values that are not allowed.
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


def _check_values(X: np.ndarray, names: np.ndarray | None, allow_nan: bool) -> None:
    wrong = np.isinf(X) if allow_nan else ~np.isfinite(X)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        allowed = "finite numbers or missing" if allow_nan else "finite numbers: this base takes no missing values"
        name = f"'{names[column]}'" if names is not None else column
        raise InvalidValueError("X", float(X[row, column]), f"row {row}, column {name}", allowed)


def check_same_columns(names: np.ndarray | None, count: int, fitted: np.ndarray | None, fitted_count: int) -> None:
    """Raise unless the columns are those of the fit in the same order; without names only the count is compared.

    Raises
    ------
    MissingColumnError
        If a column of the fit is missing.
    InvalidValueError
        If there are other columns, or the order differs.
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
