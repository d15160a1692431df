"""Russian formats of numbers, amounts and counts."""

import math

NBSP, MINUS = "\u00a0", "\u2212"
UNKNOWN = "неизвестно"


def number(value: float | None, digits: int = 0) -> str:
    """Format a number: `1 234,5`, `−7`; `неизвестно` for None, NaN and infinities."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = f"{abs(value):,.{digits}f}".replace(",", NBSP).replace(".", ",")
    is_zero = not text.strip("0,")
    return text if value >= 0 or is_zero else MINUS + text


def signed(value: float | None, digits: int = 0) -> str:
    """Format a change, with a plus sign if positive."""
    text = number(value, digits)
    is_plus = value is not None and math.isfinite(value) and value > 0 and text.strip("0,")
    return f"+{text}" if is_plus else text


def percent(value: float | None, digits: int = 1) -> str:
    """Format a share or a ratio as a percentage."""
    return UNKNOWN if value is None or not math.isfinite(value) else f"{number(100 * value, digits)}{NBSP}%"


def signed_percent(value: float | None, digits: int = 1) -> str:
    """Format a relative change as a percentage."""
    return UNKNOWN if value is None or not math.isfinite(value) else f"{signed(100 * value, digits)}{NBSP}%"


def roubles(value: float | None, digits: int = 0) -> str:
    """Format an amount: `1 234 ₽`."""
    text = number(value, digits)
    return text if text == UNKNOWN else f"{text}{NBSP}₽"


def signed_roubles(value: float | None, digits: int = 0) -> str:
    """Format a change of an amount."""
    text = signed(value, digits)
    return text if text == UNKNOWN else f"{text}{NBSP}₽"


def counted(count: int, one: str, few: str, many: str) -> str:
    """Format a count with its noun: 1 клиент, 2 клиента, 5 клиентов."""
    tail, teens = count % 10, count % 100
    word = one if tail == 1 and teens != 11 else few if 2 <= tail <= 4 and not 12 <= teens <= 14 else many
    return f"{number(count)}{NBSP}{word}"
