"""Russian advice on an ineffective criterion: what is wrong, in numbers, and what to edit."""

from collections.abc import Mapping
from math import floor, log10
from typing import Any

OK, NO_DATA, NEVER_BINDS = "ok", "no_data", "never_binds"
UNREACHABLE, UNREACHABLE_TOGETHER = "unreachable", "unreachable_together"

_SPACE = "\u00a0"


def advise(finding: str, label: str, row: Mapping[str, Any], clients_count: int) -> str | None:
    """Return the advice on one criterion.

    Parameters
    ----------
    finding : str
        `OK`, `NO_DATA`, `NEVER_BINDS`, `UNREACHABLE` or `UNREACHABLE_TOGETHER`.
    label : str
        Russian name of the metric.
    row : mapping
        The criterion (kind, low, high, values), the observed data (observed_low, observed_high, observed_values) and
        the client counts (known_count, satisfied_count, others_satisfied_count).
    clients_count : int
        Clients with visits.

    Returns
    -------
    str or None
        Russian text; None if there is nothing to advise.
    """
    if finding == NO_DATA and clients_count == 0:
        return "За период нет ни одного клиента с визитами: критерий не на чем проверить."
    if finding == NO_DATA:
        return (
            f"Значение неизвестно ни у одного клиента: «{label}» ничего не решает. "
            "Загрузите эти данные или уберите критерий."
        )
    if finding == NEVER_BINDS and row["satisfied_count"] == row["known_count"]:
        return (
            "Критерий никого не отсекает: его выполняют все клиенты, у которых значение известно "
            f"(клиентов: {number(row['known_count'])}). Сузьте его или уберите."
        )
    if finding == NEVER_BINDS:
        return (
            "Критерий никого не отсекает: его выполняют все, кто выполняет остальные "
            f"(клиентов: {number(row['others_satisfied_count'])}). Сузьте его, если он должен отсекать; "
            "тем, кто выполняет не всё, он по-прежнему меняет вероятность портрета."
        )
    if finding == UNREACHABLE_TOGETHER:
        return (
            "Никто не выполняет все критерии сразу: из тех, кто выполняет остальные "
            f"(клиентов: {number(row['others_satisfied_count'])}), ни у кого нет «{label}» {_condition(row)}. "
            "Ослабьте его или остальные."
        )
    if finding == UNREACHABLE:
        return _unreachable_values(label, row) if row["kind"] == "category" else _unreachable_range(label, row)
    return None


def number(value: float) -> str:
    """Format a number in Russian notation: three significant digits, all integer digits kept.

    Examples: ``0,3``, ``24``, ``1 250`` (with a no-break space).
    """
    decimals = 2 if value == 0 else max(0, 2 - floor(log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(",", _SPACE).replace(".", ",")


def _unreachable_range(label: str, row: Mapping[str, Any]) -> str:
    low, high = row["low"], row["high"]
    seen_low, seen_high = row["observed_low"], row["observed_high"]
    seen = number(seen_low), number(seen_high)
    found = seen[0] if seen[0] == seen[1] else f"от {seen[0]} до {seen[1]}"
    if low is not None and low > seen_high:
        todo = f"Опустите нижнюю границу ниже {seen[1]}"
    elif high is not None and high <= seen_low:
        todo = f"Поднимите верхнюю границу выше {seen[0]}"
    else:
        todo = "Расширьте диапазон"
    return f"Никто не попадает: «{label}» {_condition(row)}, а у 90{_SPACE}% клиентов {found}. {todo}."


def _unreachable_values(label: str, row: Mapping[str, Any]) -> str:
    seen = ", ".join(row["observed_values"])
    return f"Никто не попадает: «{label}» {_condition(row)}, а у клиентов встречается {seen}. Исправьте список."


def _condition(row: Mapping[str, Any]) -> str:
    """Format the condition of the criterion as written in the file."""
    if row["kind"] == "category":
        return f"из списка {', '.join(sorted(row['values']))}"
    bounds = (("от", row["low"]), ("до", row["high"]))
    return " ".join(f"{word} {_bound(bound)}" for word, bound in bounds if bound is not None)


def _bound(value: float) -> str:
    """Format a bound as written in the file, not rounded."""
    return f"{value:.12g}".replace(".", ",")
