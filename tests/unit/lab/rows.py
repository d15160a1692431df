"""Settings and rows of CSV files as the lab's tests need them, and cells of the tables made of them."""

from lab.plan import Setting
from twinlab.parameters import Parameters


def setting(clients=300, seed=1, separation=1.0, grades=("twin_quality", "ceiling")):
    return Setting(Parameters(clients=clients, seed=seed), separation, grades)


def quality(check, value, is_passed, clients=300, low=0.5, high=1.5):
    """Return a row of twin_quality.csv."""
    bounds = {"target_low": str(low), "target_high": str(high)}
    return {"clients": str(clients), "check_code": check, "value": str(value), "is_passed": is_passed} | bounds


def figure(code, value, portrait="", predicted="", seed=1, separation=1.0, clients=300):
    """Return a row of ceiling.csv."""
    key = {"clients": str(clients), "months": "12", "seed": str(seed), "separation": f"{separation:g}"}
    return key | {"grade_code": code, "portrait_code": portrait, "predicted_code": predicted, "value": str(value)}


def found(method, code, value, low="", high="", bin_number="", **where):
    """Return a row of portraits.csv."""
    more = {"method_code": method, "bin_number": str(bin_number), "low": str(low), "high": str(high)}
    return figure(code, value, **where) | more


def chosen(method, code, value, seed, feature=""):
    """Return a row of targeting.csv."""
    key = {"clients": "300", "months": "12", "seed": str(seed), "separation": "1"}
    return key | {"feature_code": feature, "method_code": method, "grade_code": code, "value": str(value)}


def repeated(world, code, value, kind="all", estimate="", seed=1):
    """Return a row of trials.csv."""
    key = {"clients": "300", "months": "12", "seed": str(seed), "separation": "1"}
    where = {"world_code": world, "kind_code": kind, "estimate_code": estimate}
    return key | where | {"grade_code": code, "value": str(value)}


def cells(table, row):
    return [cell.strip() for cell in table.splitlines()[2 + row].strip("|").split("|")]
