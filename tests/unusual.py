"""Hostile input that a page must only display: very long names with markup, code and SQL in them, and portraits and
features without clients.
"""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

MARKUP = (
    '"Старожил" \'; drop table marts.dim_portraits; -- <img src=x onerror=alert(1)> </script><script>alert(2)</script> '
    "${params.portrait} {@html label} {braces} `обратные` {{ 1 + 1 }} [ссылка](javascript:alert(3)) &lt;b&gt; \\n 100%"
)
LONG = f"{MARKUP} {'Длинное' * 12} и ещё много слов, которых в названии не ждут, {'а они всё идут и идут ' * 4}— конец"
"""More than 400 characters, with a word longer than a line."""

VETERAN = {
    "portrait_code": "veteran",
    "label_ru": LONG,
    "description_ru": f"Зарегистрирован больше пяти лет назад. {MARKUP}",
    "business_value_ru": f"Долгая история визитов. {MARKUP}",
    "recommendations_ru": f"Поблагодарить за верность. {MARKUP}",
    "criteria": [
        {
            "criterion_code": "tenure_days",
            "metric_code": "tenure_days",
            "kind": "range",
            "low": 1825,
            "weight": 3.0,
            "is_hard": True,
        },
        {
            "criterion_code": "visits_per_month",
            "metric_code": "visits_per_month",
            "kind": "range",
            "low": 1000,
            "weight": 1.0,
        },
    ],
}
"""A twelfth portrait: some clients meet its hard criterion, none the other one."""

FEATURES = [
    {
        "feature_code": code,
        "label_ru": label,
        "description_ru": f"Описание. {MARKUP}",
        "hypothesis_ru": f"Гипотеза. {MARKUP}",
        "primary_metric_code": "visits_per_month",
        "acts_on": "client",
        "randomization_unit": "client",
        "treated_share": 0.5,
        "aimed_portraits": ["veteran"],
        "eligibility": eligibility,
        "cost": {"rub_per_visit": 0, "rub_per_l": 0, "rub_per_client_per_month": 5000, "rub_per_month": 1_000_000},
        "adoption": {"ramp_weeks": 1, "half_life_weeks": 12},
    }
    for code, label, eligibility in (
        ("tenth", f"Десятая {LONG}", []),
        ("for_nobody", "Ни для кого", [{"metric_code": "visits_per_month", "low": 1000}]),
    )
]
"""A tenth feature, with a huge loss, and one without eligible clients."""

NO_CHANGE = {"mean": 0, "sd": 0.01}
RULES = [
    {
        "feature_code": feature["feature_code"],
        "default": {
            "response_prob": {"mean": 0.2, "sd": 0.02},
            "visits_change": NO_CHANGE,
            "volume_per_visit_change": NO_CHANGE,
            "shop_change": NO_CHANGE,
        },
        "portraits": {},
    }
    for feature in FEATURES
]

OWN_NAME = 'свои o\'brien "сеть" <img src=x onerror=alert(4)> ${source} {файлы}'
REGIONS = (
    "<img src=x onerror=alert(5)>",
    "'; drop table marts.dim_regions; --",
    f"Край {'Длинный' * 12}",
    # A number, a date and a float are valid region names.
    "077",
    "2025-03-01",
    "1e5",
    "",
)


def edit_reference(folder: Path) -> None:
    """Add the portrait, the features and their rules to a copy of the reference files."""
    for name, key, more in (
        ("portraits", "portraits", [VETERAN]),
        ("feature_hypotheses", "features", FEATURES),
        ("behavior_rules", "rules", RULES),
    ):
        path = folder / f"{name}.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        document[key] += more
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def write_own_files(folder: Path) -> int:
    """Write nine days of 30 clients and one lorry, without a pilot; return the number of visits."""
    lorry = [31, REGIONS[0], "corporate", True, True, 400]
    tables = {
        "clients": (
            ["client_id", "region_code", "client_type", "has_contract", "has_fuel_card", "tank_volume_l"],
            [*([client, REGIONS[client % 7], "", "", "", ""] for client in range(1, 31)), lorry],
        ),
        "stations": (
            ["station_id", "region_code", "label_ru"],
            [[station, REGIONS[station], f"АЗС {MARKUP}"] for station in range(1, 4)],
        ),
        "transactions": (
            ["transaction_id", "client_id", "station_id", "occurred_at", "fuel_grade", "volume_l", "fuel_amount_rub"],
            [
                *(_visit(client, day, "ai95", 30) for client in range(1, 31) for day in range(client % 9 + 1)),
                *(_visit(31, day, "diesel", 150) for day in range(0, 9, 2)),
            ],
        ),
    }
    folder.mkdir(parents=True)
    for name, (header, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return len(tables["transactions"][1])


def _visit(client: int, day: int, grade: str, litres: int) -> list:
    moment = datetime(2025, 3, 8, 10) + timedelta(days=day)
    return [10 * client + day, client, 1 + client % 3, moment, grade, litres, 60 * litres]
