"""BG/NBD, the standard model of non-contractual buyers, as a baseline of the forecast.

Poisson visits at a gamma distributed rate, and after each repeat visit a beta distributed probability to leave:
Fader, Hardie and Lee (2005), "Counting your customers the easy way". Regular visits violate its assumptions.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special


@dataclass(frozen=True)
class BgNbd:
    """The four parameters, named as in the paper; `alpha` in the unit of time."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, repeats: np.ndarray, last: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Probability to be still a client.

        Parameters
        ----------
        repeats, last, known : ndarray
            Visits after the first; time from the first to the last, and from the first to the end of the observation.
        """
        power = (self.r + repeats) * np.log((self.alpha + known) / (self.alpha + last))
        gone = self.a / (self.b + np.maximum(repeats, 1) - 1) * np.exp(np.minimum(power, 700))
        return np.where(repeats > 0, 1 / (1 + gone), 1.0)

    def expected(self, horizon: float, repeats: np.ndarray, last: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Expected visits in the horizon; parameters as of `alive`."""
        total = self.a + self.b + repeats
        # F(r + x, b + x; a + b + x − 1; z) of the paper by Pfaff's transformation, which does not overflow.
        left = special.hyp2f1(self.r + repeats, self.a - 1, total - 1, -horizon / (self.alpha + known))
        value = (total - 1) / (self.a - 1) * (1 - left)
        # Where hardly anybody leaves the series is inaccurate; the value without leaving is an upper bound.
        stays = (self.r + repeats) / (self.alpha + known) * horizon
        value = np.where((value >= 0) & (value <= stays), value, stays)
        return value * self.alive(repeats, last, known)


def fit(repeats: np.ndarray, last: np.ndarray, known: np.ndarray) -> BgNbd:
    """Fit by maximum likelihood; parameters as of `BgNbd.alive`, at least one client."""
    scale = max(float(known.mean()), 1e-12)
    last, known = last / scale, known / scale

    def loss(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        constant = special.gammaln(r + repeats) - special.gammaln(r) + r * np.log(alpha)
        stays = special.betaln(a, b + repeats) - special.betaln(a, b) - (r + repeats) * np.log(alpha + known)
        gone = special.betaln(a + 1, b + np.maximum(repeats, 1) - 1) - special.betaln(a, b)
        gone = np.where(repeats > 0, gone - (r + repeats) * np.log(alpha + last), -np.inf)
        return -float((constant + np.logaddexp(stays, gone)).mean()) + 1e-4 * float((logs**2).mean())

    start = np.log([1.0, 1.0 / max(float(repeats.mean()), 0.1), 0.5, 5.0])
    found = optimize.minimize(loss, start, method="L-BFGS-B", bounds=[(-8, 8)] * 4)
    r, alpha, a, b = np.exp(found.x)
    return BgNbd(float(r), float(alpha * scale), float(a), float(b))
