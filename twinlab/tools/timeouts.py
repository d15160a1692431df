"""How long a stage may take before it is taken for hung."""

import os

from twinlab.errors import UserError

_MINUTES = 60.0


def timeout_s() -> float:
    """Return the limit of one stage.

    Returns
    -------
    float
        Seconds: an hour, or ``TWINLAB_TIMEOUT_MINUTES``.

    Raises
    ------
    UserError
        When the variable is no positive number.
    """
    typed = os.environ.get("TWINLAB_TIMEOUT_MINUTES", "")
    try:
        minutes = float(typed) if typed else _MINUTES
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < 1e6:
        raise UserError(f"TWINLAB_TIMEOUT_MINUTES={typed} is not possible.", "Allowed: a number above 0 (default 60).")
    return minutes * 60
