"""The knob ``separation``: how distinct the latent behaviours are, from overlapping (below 1) to clean (above 1)."""

from typing import Any

import numpy as np

_SPREADS = ("tank_l", "fill_share")
_FLAGS = ("has_loyalty_card", "has_fuel_card", "has_contract", "corporate_prob")
_MIXES = ("grades", "main_payment")


def separate(types: dict[str, dict[str, Any]], separation: float) -> dict[str, dict[str, Any]]:
    """Shrink or widen the differences between clients of one behaviour; the centres of the behaviours stay.

    Standard deviations are divided by the separation (consumption keeps its mean), the log odds of flags are multiplied
    by it, and shares of grades and payment methods are raised to its power. Fleet sizes keep their spread, which is
    calibrated.

    Parameters
    ----------
    types : dict
        Behaviours of ``twin.json`` as plain values.
    separation : float
        Positive; 1 leaves the types unchanged.

    Returns
    -------
    dict
        New types; the input is not modified.
    """
    return {code: kind | _separated(kind, separation) for code, kind in types.items()}


def _separated(kind: dict[str, Any], separation: float) -> dict[str, Any]:
    mean_share, concentration = kind["wallet_share"]
    changed: dict[str, Any] = {name: [kind[name][0], kind[name][1] / separation] for name in _SPREADS}
    median, log_sd = kind["use_l_per_day"]
    # The mean of a lognormal is median × exp(log_sd² / 2): the spread must not change total demand.
    changed["use_l_per_day"] = [median * np.exp((log_sd**2 - (log_sd / separation) ** 2) / 2), log_sd / separation]
    # The sd of a beta variable is proportional to 1 / √concentration.
    changed["wallet_share"] = [mean_share, concentration * separation**2]
    changed |= {name: _sharpen(kind[name], separation) for name in _FLAGS}
    for name in _MIXES:
        powers = {code: share**separation for code, share in kind[name].items() if share > 0}
        changed[name] = {code: power / sum(powers.values()) for code, power in powers.items()}
    return changed


def _sharpen(probability: float, separation: float) -> float:
    """Multiply the log odds by `separation`; 0 and 1 stay."""
    if probability in (0, 1):
        return probability
    return float(1 / (1 + np.exp(-separation * np.log(probability / (1 - probability)))))
