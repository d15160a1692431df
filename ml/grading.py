"""How well labels that were found agree with the true ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grades:
    """Agreement of found labels with true ones.

    Attributes
    ----------
    codes : list of str
        The true labels that occur, sorted; then what was found but is never true, sorted.
    counts : ndarray of int, shape (codes, codes)
        Clients by true (row) and found (column) label.
    accuracy : float
        Share of clients whose label was found.
    macro_f1 : float
        Mean of F1 over the true labels that occur, each counting the same.
    precision : ndarray, shape (codes,)
        Of those found to be so, the share that is; NaN where none was found.
    recall : ndarray, shape (codes,)
        Of those that are so, the share that was found; NaN where none is.
    """

    codes: list[str]
    counts: np.ndarray
    accuracy: float
    macro_f1: float
    precision: np.ndarray
    recall: np.ndarray


def grade_labels(true: Sequence[str], found: Sequence[str]) -> Grades:
    """Compare labels, client by client.

    Parameters
    ----------
    true, found : sequence of str, shape (clients,)
        At least one client.

    Returns
    -------
    Grades
    """
    true, found = np.asarray(true, dtype=str), np.asarray(found, dtype=str)
    real = np.unique(true)
    codes = [*real.tolist(), *np.setdiff1d(found, real).tolist()]
    place = {code: number for number, code in enumerate(codes)}
    counts = np.zeros((len(codes), len(codes)), dtype=np.int64)
    np.add.at(counts, ([place[code] for code in true.tolist()], [place[code] for code in found.tolist()]), 1)
    hits, are, were_found = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    f1 = 2 * hits / (are + were_found)
    return Grades(
        codes=codes,
        counts=counts,
        accuracy=float(hits.sum() / counts.sum()),
        macro_f1=float(f1[: len(real)].mean()),
        precision=_share(hits, were_found),
        recall=_share(hits, are),
    )


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
