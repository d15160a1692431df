"""Moves between portraits against the true ones. For evaluation only: it reads the truth.

Client months are compared if the client has an identified visit in the windows of both neighbouring month ends, is
alive at both, and is no newcomer: newcomers leave `new` by the calendar. A window spans months, so a move that is found
up to `LATE_MONTHS` after the true one, or `EARLY_MONTHS` before it, counts as found.
"""

import numpy as np
import pyarrow as pa

from lab.portraits.grades import PORTRAIT_SCHEMA, TWINLAB
from ml.portraits.migration import SILENT
from ml.tables.columns import integers, require

NEW = "new"
EARLY_MONTHS, LATE_MONTHS = 1, 3


def grade_moves(followed: pa.Table, spells: pa.Table) -> pa.Table:
    """Compare the moves found with the true ones.

    Parameters
    ----------
    followed : pyarrow.Table
        as_of_on, client_id, portrait_code, see `ml.portraits.migration.follow`.
    spells : pyarrow.Table
        client_id, portrait_code, valid_from, valid_to (null: still valid); without rows nothing is graded.

    Returns
    -------
    pyarrow.Table
        As of `lab.portraits.grades.grade_portraits`: moves_found_count and moves_true_count (client months),
        moves_precision (of those found the share near a true move to the same portrait) and moves_recall (of the true
        ones the share near a move to the same portrait that was found); a share of nothing has no row.

    Raises
    ------
    MissingColumnError
    """
    require(followed, ("as_of_on", "client_id", "portrait_code"), "followed portraits")
    require(spells, ("client_id", "portrait_code", "valid_from", "valid_to"), "spells")
    if not followed.num_rows or not spells.num_rows:
        return PORTRAIT_SCHEMA.empty_table()
    days, month = np.unique(_days(followed, "as_of_on"), return_inverse=True)
    clients, place = np.unique(integers(followed, "client_id"), return_inverse=True)
    found, true = (np.full((len(days), len(clients)), "", dtype=object) for _ in range(2))
    found[month, place] = followed["portrait_code"].to_numpy()
    spell_client = integers(spells, "client_id")
    is_known = np.isin(spell_client, clients)
    row, codes = np.searchsorted(clients, spell_client), spells["portrait_code"].to_numpy()
    first, last = _days(spells, "valid_from"), _days(spells, "valid_to")
    for number, day in enumerate(days):
        holds = is_known & (first <= day) & (np.isnat(last) | (day <= last))
        true[number, row[holds]] = codes[holds]
    is_seen = (found != "") & (found != SILENT) & (true != "")
    is_pair = is_seen[1:] & is_seen[:-1] & (found[:-1] != NEW) & (true[:-1] != NEW)
    found_move, true_move = (is_pair & (codes[1:] != codes[:-1]) for codes in (found, true))
    right = _near(found_move, found[1:], true_move, true[1:], EARLY_MONTHS, LATE_MONTHS)
    recalled = _near(true_move, true[1:], found_move, found[1:], LATE_MONTHS, EARLY_MONTHS)
    grades = {"moves_found_count": float(found_move.sum()), "moves_true_count": float(true_move.sum())}
    if found_move.any():
        grades["moves_precision"] = float(right.sum() / found_move.sum())
    if true_move.any():
        grades["moves_recall"] = float(recalled.sum() / true_move.sum())
    rows = [{"method_code": TWINLAB, "grade_code": code, "value": value} for code, value in grades.items()]
    return pa.Table.from_pylist(rows, PORTRAIT_SCHEMA)


def _near(
    move: np.ndarray, target: np.ndarray, other_move: np.ndarray, other_target: np.ndarray, ahead: int, back: int
) -> np.ndarray:
    """Moves for which the other kind has one to the same portrait at most `ahead` months later or `back` earlier."""
    months = len(move)
    hit = np.zeros_like(move)
    for shift in range(-back, ahead + 1):
        mine = slice(max(0, -shift), min(months, months - shift))
        theirs = slice(max(0, shift), min(months, months + shift))
        if mine.start < mine.stop:
            hit[mine] |= move[mine] & other_move[theirs] & (target[mine] == other_target[theirs])
    return hit


def _days(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.date32()).to_numpy().astype("datetime64[D]")
