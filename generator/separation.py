"""The knob ``separation``: how far apart the latent behaviours lie, from overlapping (under 1) to clean (over 1)."""

from typing import Any

import numpy as np

_SPREADS = ("tank_l", "fill_share")
_FLAGS = ("has_loyalty_card", "has_fuel_card", "has_contract", "corporate_prob")
_MIXES = ("grades", "main_payment")


def separate(types: dict[str, dict[str, Any]], separation: float) -> dict[str, dict[str, Any]]:
    """Narrow or widen the differences between clients of one behaviour; the behaviours' centres stay.

    Standard deviations are divided by the separation (of consumption around its mean), the log odds of flags are
    multiplied by it, shares of grades and payment methods are raised to its power. Sizes of fleets keep their spread,
    which is calibrated.

    Parameters
    ----------
    types : dict
        Behaviours of ``twin.json`` as plain values.
    separation : float
        Positive; 1 leaves the types as they are.

    Returns
    -------
    dict
        New types; the given ones are not changed.
    """
    return {code: kind | _separated(kind, separation) for code, kind in types.items()}


def _separated(kind: dict[str, Any], separation: float) -> dict[str, Any]:
    mean_share, concentration = kind["wallet_share"]
    changed: dict[str, Any] = {name: [kind[name][0], kind[name][1] / separation] for name in _SPREADS}
    median, log_sd = kind["use_l_per_day"]
    # The mean of a lognormal is its median × exp(log_sd² / 2): demand must not move with the spread.
    changed["use_l_per_day"] = [median * np.exp((log_sd**2 - (log_sd / separation) ** 2) / 2), log_sd / separation]
    # The sd of a beta share goes with the inverse root of its concentration.
    changed["wallet_share"] = [mean_share, concentration * separation**2]
    changed |= {name: _sharpen(kind[name], separation) for name in _FLAGS}
    for name in _MIXES:
        powers = {code: share**separation for code, share in kind[name].items() if share > 0}
        changed[name] = {code: power / sum(powers.values()) for code, power in powers.items()}
    return changed


def _sharpen(probability: float, separation: float) -> float:
    """Multiply log odds; 0 and 1 stay."""
    if probability in (0, 1):
        return probability
    return float(1 / (1 + np.exp(-separation * np.log(probability / (1 - probability)))))
