"""A configuration that the generator cannot work with is refused with the key, the value and what is allowed."""

import json
import shutil
from pathlib import Path

import pytest

from generator.config import load_run, parameters_table
from generator.errors import GeneratorError

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
RUN = {"seed": 1, "clients": 10, "months": 12, "period_start": "2025-01-01"}


@pytest.fixture
def reference(tmp_path):
    """Copy of the reference folder to break."""
    shutil.copytree(REFERENCE, tmp_path / "reference")
    return tmp_path / "reference"


def edit(reference, change):
    """Apply `change` to the parsed twin.json and write it back."""
    path = reference / "twin.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_default_configuration_loads_with_plain_values():
    run = load_run(REFERENCE, **RUN)
    assert run.params["types"]["rare"]["wallet_share"] == [0.24, 5.7]
    assert run.days == 365
    assert run.type_codes == sorted(run.type_codes)


@pytest.mark.parametrize(
    ("months", "last_day"), [(1, "2025-01-31"), (2, "2025-02-28"), (12, "2025-12-31"), (36, "2027-12-31")]
)
def test_period_end_follows_from_months(months, last_day):
    assert str(load_run(REFERENCE, **(RUN | {"months": months})).period_end) == last_day


@pytest.mark.parametrize(
    ("name", "value"), [("clients", 0), ("clients", 10**10), ("months", 0), ("months", 37), ("seed", -1)]
)
def test_parameter_out_of_range_is_named(name, value):
    with pytest.raises(GeneratorError, match=rf"{name} = {value}: allowed is a whole number from"):
        load_run(REFERENCE, **(RUN | {name: value}))


def test_period_must_start_with_a_month():
    with pytest.raises(GeneratorError, match="first day of a month"):
        load_run(REFERENCE, **(RUN | {"period_start": "2025-01-15"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["types"]["rare"]["share"].update(value=0.9), r"types\.\*\.share: the shares add up to"),
        (
            lambda d: d["types"]["eco"]["grades"].update(value={"lpg": 0.5}),
            r"types\.eco\.grades: the shares add up to 0\.5",
        ),
        (lambda d: d["types"]["eco"]["grades"].update(value={"rocket": 1}), r"\$\.types\.eco\.grades.*rocket"),
        (lambda d: d["grades"][0]["price_rub_per_l"].update(value=-5), r"\$\.grades\[0\]\.price_rub_per_l.*-5"),
        (lambda d: d["regions"][0]["stations_count"].update(value=0), r"\$\.regions\[0\]\.stations_count.*0"),
        (
            lambda d: d["types"]["eco"]["hour_profile"].update(value="night owl"),
            r"types\.eco\.hour_profile: found 'night owl'; allowed: commuter, office, round_clock",
        ),
        (
            lambda d: d["regions"][2]["season"].update(value="west"),
            r"regions\[2\] \(RU-SPE\)\.season: found 'west'; allowed: north, south",
        ),
        (
            lambda d: d["life_cycle"]["transitions"][0].update(to="retired"),
            r"life_cycle\.transitions\[0\]\.to: found 'retired'; allowed: regular_private, ",
        ),
        (
            lambda d: d["life_cycle"]["lull_days"].update(value=[30, 7]),
            r"life_cycle\.lull_days: found \[30, 7\]; allowed: shortest ≤ longest",
        ),
        (lambda d: d["knobs"]["separation"].update(value=0), r"\$\.knobs\.separation.*0"),
        (
            lambda d: (
                d["knobs"]["price_shock"].update(month={**d["knobs"]["price_shock"]["month"], "value": 14})
                or d["knobs"]["price_shock"]["change"].update(value=0.1)
            ),
            r"knobs\.price_shock\.month: found 14, the run has 12 months; allowed: 1 to 12",
        ),
        (
            lambda d: d["grades"][1].update(grade_code="ai92"),
            r"grades: found ai92, ai92, .*; allowed: every grade once",
        ),
    ],
    ids=[
        "shares",
        "grade shares",
        "unknown grade",
        "negative price",
        "region without stations",
        "unknown profile",
        "unknown season",
        "unknown type",
        "lulls",
        "no separation",
        "late shock",
        "grade twice",
    ],
)
def test_broken_configuration_is_refused_with_the_place(reference, change, message):
    edit(reference, change)
    with pytest.raises(GeneratorError, match=message):
        load_run(reference, **RUN)


def test_every_parameter_is_listed_with_unit_and_source():
    table = parameters_table(REFERENCE).to_pylist()
    by_code = {row["parameter_code"]: row for row in table}
    assert len(by_code) == len(table) > 200
    assert by_code["grades.ai92.price_rub_per_l"]["value_text"] == "59.16"
    assert by_code["life_cycle.transitions.0.share_per_year"]["unit"] == "share of clients"
    assert all(row["unit"] and row["source"] for row in table)
