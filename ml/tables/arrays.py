"""Arithmetic of arrays in which unknown values are NaN."""

from collections.abc import Iterable

import numpy as np


def total(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """Sum of arrays of equal shape, in their order: `numpy.sum` may add in pairs, which changes the last digits."""
    return np.asarray(sum(arrays))


def divide(top: np.ndarray, bottom: np.ndarray | float) -> np.ndarray:
    """``top / bottom`` as float64, shape of `top`; NaN where `bottom` is not above 0."""
    bottom = np.broadcast_to(bottom, top.shape)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
