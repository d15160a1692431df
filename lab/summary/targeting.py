"""Tables of the effects of single clients for the page of ``make evaluate``."""

from lab.report import markdown
from lab.rows import Rows
from lab.summary.cells import mean
from lab.targeting.grades import AIMED, CLIENT_EFFECTS, EVERYONE, ORACLE, PORTRAIT_MEAN, RESPONSE

OFFER_METHODS = (CLIENT_EFFECTS, PORTRAIT_MEAN, RESPONSE, AIMED, EVERYONE, ORACLE)
EFFECT_METHODS = OFFER_METHODS[:3]
"""Those that estimate the effect of a client."""

_SHOWN = {
    "pehe_rub": "{:.1f}".format,
    "slope": "{:.2f}".format,
    "qini_share": "{:.2f}".format,
    "policy_rub": "{:,.0f}".format,
}


def targeting_table(rows: Rows) -> str:
    """Return the figures over all features by method.

    Means over the seeds, lowest and highest in brackets.
    """
    lines = []
    for method in OFFER_METHODS:
        here = [row for row in rows if not row["feature_code"] and row["method_code"] == method]
        lines.append([method, *(_cell(here, code) for code in _SHOWN)])
    header = ["method", "error of an effect, ₽", "slope", "order, share of the oracle's", "profit, ₽ a month"]
    return markdown(header, lines)


def feature_table(rows: Rows) -> str:
    """Return the error of the effects by feature and method.

    Means over the seeds, and in how many of them the first method has the least error.
    """
    lines = []
    for feature in sorted({row["feature_code"] for row in rows} - {""}):
        errors = [
            {
                row["seed"]: row["value"]
                for row in rows
                if (row["feature_code"], row["method_code"], row["grade_code"]) == (feature, method, "pehe_rub")
            }
            for method in EFFECT_METHODS
        ]
        wins = sum(float(value) <= min(float(other[seed]) for other in errors[1:]) for seed, value in errors[0].items())
        cells = [mean(list(each.values()), _SHOWN["pehe_rub"]) for each in errors]
        lines.append([feature, *cells, f"{wins} of {len(errors[0])}"])
    return markdown(["feature", *EFFECT_METHODS, "wins"], lines)


def _cell(rows: Rows, code: str) -> str:
    return mean([row["value"] for row in rows if row["grade_code"] == code], _SHOWN[code])
