"""What a run can be asked for, checked. Standard library only: it is called before anything is installed."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from twinlab.errors import UserError
from vocabulary.codes import SYNTHETIC

CLIENTS_AT_MOST = 10_000_000
MONTHS_AT_MOST = 36
SEED_AT_MOST = 2**32 - 1


@dataclass(frozen=True)
class Parameters:
    """A checked run.

    Parameters
    ----------
    clients : int
        Synthetic clients to draw.
    months : int
        Months of history from `period_start` on.
    seed : int
        Seed of every random stream.
    source : str
        ``synthetic``, or the absolute path of a folder with own files.
    period_start : date
        First day of the history. The reference year is fixed, so that a run is never a matter of today.
    """

    clients: int = 2000
    months: int = 12
    seed: int = 42
    source: str = SYNTHETIC
    period_start: date = date(2025, 1, 1)

    @classmethod
    def parse(
        cls, clients: str | None = None, months: str | None = None, seed: str | None = None, source: str | None = None
    ) -> "Parameters":
        """Check what was typed.

        Parameters
        ----------
        clients, months, seed, source : str or None
            As typed; None or an empty text leaves the default.

        Returns
        -------
        checked : Parameters

        Raises
        ------
        UserError
            Names the value, what is allowed and what to do.
        """
        return cls(
            clients=_whole_number("CLIENTS", clients, 1, CLIENTS_AT_MOST, cls.clients),
            months=_whole_number("MONTHS", months, 1, MONTHS_AT_MOST, cls.months),
            seed=_whole_number("SEED", seed, 0, SEED_AT_MOST, cls.seed),
            source=_source(source),
        )

    @property
    def is_synthetic(self) -> bool:
        """Whether the data are drawn by the generator."""
        return self.source == SYNTHETIC

    def as_vars(self) -> dict[str, Any]:
        """Return the vars that dbt is called with.

        Returns
        -------
        dict
            JSON values only.
        """
        return {
            "clients": self.clients,
            "months": self.months,
            "seed": self.seed,
            "source": self.source,
            "period_start": self.period_start.isoformat(),
        }

    def describe(self) -> str:
        """Return one line for people.

        Returns
        -------
        str
        """
        if self.is_synthetic:
            return f"{self.clients:,} synthetic clients, {self.months} months, seed {self.seed}"
        return f"own files from {self.source}, seed {self.seed}"


def _whole_number(name: str, typed: str | None, low: int, high: int, default: int) -> int:
    text = (typed or "").strip()
    if not text:
        return default
    # Stricter than int(), which also takes "1_000", "٣" and "+5". More than 20 digits are never read as a number.
    if not re.fullmatch(r"-?[0-9]{1,20}", text) or not low <= int(text) <= high:
        raise UserError(
            f"{name}={text} is not possible.",
            f"Allowed: a whole number from {low} to {high}, digits only (default {default}).",
            f"For example: make run {name}={default}",
        )
    return int(text)


def _source(typed: str | None) -> str:
    text = (typed or "").strip()
    if text in ("", SYNTHETIC):
        return SYNTHETIC
    folder = Path(text).expanduser()
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UserError(
            f"SOURCE={text}: the folder {what}.",
            "Allowed: a folder with clients.csv and transactions.csv (or .parquet); docs/own_data.md says more.",
            "Without SOURCE the clients are synthetic.",
        )
    return str(folder.resolve())
