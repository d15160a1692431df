"""Parameters of a run and their checks. Standard library only: used before anything is installed."""

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
    """Checked parameters of a run.

    Parameters
    ----------
    clients : int
        Number of synthetic clients.
    months : int
        Months of history from `period_start`.
    seed : int
        Seed of every random stream.
    source : str
        ``synthetic``, or the absolute path of a folder of own data.
    period_start : date
        First day of history. Fixed, so that a run does not depend on the current date.
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
        """Parse and check parameters as typed; None or empty text means the default.

        Raises
        ------
        UserError
            Names the parameter, its value, what is allowed and what to do.
        """
        return cls(
            clients=_whole_number("CLIENTS", clients, 1, CLIENTS_AT_MOST, cls.clients),
            months=_whole_number("MONTHS", months, 1, MONTHS_AT_MOST, cls.months),
            seed=_whole_number("SEED", seed, 0, SEED_AT_MOST, cls.seed),
            source=_source(source),
        )

    @property
    def is_synthetic(self) -> bool:
        """Whether the generator draws the data."""
        return self.source == SYNTHETIC

    def as_vars(self) -> dict[str, Any]:
        """Return the parameters as dbt vars; JSON values only."""
        return {
            "clients": self.clients,
            "months": self.months,
            "seed": self.seed,
            "source": self.source,
            "period_start": self.period_start.isoformat(),
        }

    def describe(self) -> str:
        """Return a one-line description."""
        if self.is_synthetic:
            return f"{self.clients:,} synthetic clients, {self.months} months, seed {self.seed}"
        return f"own data from {self.source}, seed {self.seed}"


def _whole_number(name: str, typed: str | None, low: int, high: int, default: int) -> int:
    text = (typed or "").strip()
    if not text:
        return default
    # Stricter than int(), which also accepts "1_000", "٣" and "+5". At most 20 digits are converted.
    if not re.fullmatch(r"-?[0-9]{1,20}", text) or not low <= int(text) <= high:
        raise UserError(
            f"{name}={text} is not valid.",
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
            f"SOURCE={text} {what}.",
            "Allowed: a folder with clients.csv and transactions.csv (or .parquet); see docs/own_data.md.",
            "Correct the path, or leave SOURCE out for synthetic clients.",
        )
    return str(folder.resolve())
