"""A configuration that the generator cannot use is rejected with the key, the value and what is allowed."""

import json
import shutil
from pathlib import Path

import pytest

from generator.config import load_run, parameters_table
from generator.errors import GeneratorError

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
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
    with pytest.raises(GeneratorError, match=rf"{name} = {value}; allowed: a whole number from"):
        load_run(REFERENCE, **(RUN | {name: value}))


def test_period_must_start_with_a_month():
    with pytest.raises(GeneratorError, match="allowed: the first day of a month, for example 2025-01-01"):
        load_run(REFERENCE, **(RUN | {"period_start": "2025-01-15"}))


@pytest.mark.parametrize("text", ["junk", "", "2025-13-01", "01.01.2025"])
def test_period_must_be_a_date(text):
    with pytest.raises(GeneratorError, match=rf"period_start = '{text}'; allowed: the first day of a month"):
        load_run(REFERENCE, **(RUN | {"period_start": text}))


@pytest.mark.parametrize("text", ["1999-12-01", "2101-01-01", "9999-12-01"])
def test_period_must_lie_in_years_that_dates_can_hold(text):
    with pytest.raises(GeneratorError, match=rf"period_start = {text}; allowed: a month from 2000 to 2100"):
        load_run(REFERENCE, **(RUN | {"period_start": text}))


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_are_not_json_numbers_are_rejected(reference, constant):
    path = reference / "twin.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"value": 0.012', f'"value": {constant}', 1), encoding="utf-8")
    with pytest.raises(GeneratorError, match=rf"twin\.json: \S+\.value: found {constant}; allowed: a finite number"):
        load_run(reference, **RUN)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d["types"]["rare"]["share"].update(value=0.9),
            r"types\.\*\.share: found shares that add up to .*; allowed: a sum of 1",
        ),
        (
            lambda d: d["types"]["eco"]["grades"].update(value={"lpg": 0.5}),
            r"types\.eco\.grades: found shares that add up to 0\.5; allowed: a sum of 1",
        ),
        (
            lambda d: d["types"]["eco"]["grades"].update(value={"rocket": 1}),
            r"twin\.json: types\.eco\.grades\.value: unknown key 'rocket'; allowed: ai92, ai95, ",
        ),
        (
            lambda d: d["grades"][0]["price_rub_per_l"].update(value=-5),
            r"grades\[0\] \(ai92\)\.price_rub_per_l\.value: found -5; allowed: a number from 1 to 1000",
        ),
        (
            lambda d: d["regions"][0]["stations_count"].update(value=0),
            r"regions\[0\] \(RU-MOW\)\.stations_count\.value: found 0; allowed: a number from 1 to ",
        ),
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
        (
            lambda d: d["knobs"]["separation"].update(value=0),
            r"knobs\.separation\.value: found 0; allowed: a number from 0\.25 to 4",
        ),
        (
            lambda d: (
                d["knobs"]["price_shock"].update(month={**d["knobs"]["price_shock"]["month"], "value": 14})
                or d["knobs"]["price_shock"]["change"].update(value=0.1)
            ),
            r"knobs\.price_shock\.month: found 14, the run has 12 months; allowed: 1 to 12",
        ),
        (
            lambda d: d["grades"][1].update(grade_code="ai92"),
            r"grades\[1\]\.grade_code: found 'ai92' again; allowed: each grade_code once",
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
def test_broken_configuration_is_rejected_with_the_place(reference, change, message):
    edit(reference, change)
    with pytest.raises(GeneratorError, match=message):
        load_run(reference, **RUN)


def leaf(document, path):
    """Return the leaf at a dotted path; numbers are positions in lists."""
    for step in path.split("."):
        document = document[int(step) if step.isdecimal() else step]
    return document


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("types.rare.wallet_share", [0, 5], 0),
        ("types.rare.wallet_share", [1, 5], 1),
        ("walk_in.wallet_share", [1.5, 5], 1.5),
        ("types.rare.wallet_share", [0.5, 0], 0),
        ("types.rare.use_l_per_day", [0, 0.3], 0),
        ("types.rare.use_l_per_day", [4, 2.5], 2.5),
        ("types.rare.tank_l", [10, 5], 10),
        ("walk_in.tank_l", [1000, 5], 1000),
        ("types.rare.tank_l", [50, 400], 400),
        ("types.rare.fill_share", [0.1, 0.05], 0.1),
        ("types.rare.fill_share", [1.2, 0.05], 1.2),
        ("types.rare.fill_share", [0.6, 0.5], 0.5),
        ("types.rare.vehicles", [300, 1], 300),
        ("types.rare.vehicles", [1, 4], 4),
        ("fills.reserve_share", [0, 0.04], 0),
        ("fills.reserve_share", [0.6, 0.04], 0.6),
        ("fills.reserve_share", [0.14, 0.3], 0.3),
        ("fills.max_tank_share", 0.7, 0.7),
        ("fills.level_before_sd", 0.3, 0.3),
        ("fills.level_after_sd", 0.3, 0.3),
        ("calendar.weekday.private", [1, 1, 1, 0, 1, 1, 1], 0),
        ("calendar.hour.office", [1] * 23 + [-1], -1),
        ("basket.0.dayparts", [1, 1, 1, 11], 11),
        ("basket.0.price_rub", 0.5, 0.5),
        ("prices.country_wave_sd", 6, 6),
        ("prices.region_wave_sd", 6, 6),
        ("prices.margin_sd_rub_per_l", 3, 3),
        ("prices.growth_per_year", 0.9, 0.9),
        ("grades.0.price_rub_per_l", 0.001, 0.001),
        ("grades.0.price_rub_per_l", 1001, 1001),
        ("grades.0.margin_rub_per_l", 0, 0),
        ("regions.0.price_factor", 0.4, 0.4),
        ("regions.0.price_factor", 2.1, 2.1),
        ("regions.0.client_weight", 0, 0),
        ("regions.0.client_weight", 2000, 2000),
        ("life_cycle.tenure_mean_days", 0.5, 0.5),
        ("life_cycle.ramp_days", 30000, 30000),
        ("shop.price_sd", 3, 3),
        ("shop.affinity_sd", 3, 3),
        ("reactions.response_logit_sd", 3, 3),
        ("reactions.effect_log_sd", 3, 3),
        ("types.rare.shop_affinity", 30, 30),
        ("types.rare.price_sensitivity", 60, 60),
    ],
)
def test_number_out_of_bounds_is_rejected_with_place_and_bounds(reference, path, value, found):
    edit(reference, lambda document: leaf(document, path).update(value=value))
    place = "".join(rf"\[{step}\] \([\w-]+\)" if step.isdecimal() else rf"\.{step}" for step in path.split("."))
    allowed = r"a number (from -?[\d.]+ to|above -?[\d.]+ and at most) [\d.]+$"
    message = rf"^twin\.json: {place[2:]}\.value(\[\d+\])?: found {found}; allowed: {allowed}"
    with pytest.raises(GeneratorError, match=f"(?m){message}"):
        load_run(reference, **RUN)


def test_number_too_large_for_a_float_is_rejected(reference):
    path = reference / "twin.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"value": 0.012', '"value": 1e999', 1), encoding="utf-8")
    with pytest.raises(GeneratorError, match="found 1e999; allowed: a finite number"):
        load_run(reference, **RUN)


def rename(types, old, new):
    """Rename a type."""
    types[new] = types.pop(old)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d["regions"].append(d["regions"][0]),
            r"regions\[13\]\.region_code: found 'RU-MOW' again; allowed: each region_code once",
        ),
        (
            lambda d: d["basket"].append(d["basket"][1]),
            r"basket\[6\]\.category_code: found 'meal' again; allowed: each category_code once",
        ),
        (
            lambda d: d["grades"][0]["price_rub_per_l"].update(value=64),
            r"grades\.ai95\.price_rub_per_l: found 63\.53; allowed: above the price of ai92, 64",
        ),
        (
            lambda d: d["grades"][6]["price_rub_per_l"].update(value=59.16),
            r"grades\.ai92\.price_rub_per_l: found 59\.16; allowed: above the price of lpg, 59\.16",
        ),
        (
            lambda d: d["grades"][4]["price_rub_per_l"].update(value=70),
            r"grades\.ai100\.price_rub_per_l: found 70; allowed: above the price of ai98, 75\.88",
        ),
        (
            lambda d: d["grades"][5]["margin_rub_per_l"].update(value=70),
            r"grades\.diesel\.margin_rub_per_l: found 70; allowed: below the price in the cheapest region, 68\.9",
        ),
        (
            lambda d: d["calendar"]["hour"]["office"].update(value=[0] * 24),
            r"calendar\.hour\.office: found 0 at every hour; allowed: a sum above 0",
        ),
        (
            lambda d: (
                [step["share_per_year"].update(value=0.6) for step in d["life_cycle"]["transitions"]]
                and d["life_cycle"]["transitions"][1].update({"from": "regular_private"})
            ),
            r"life_cycle\.transitions\.\*\.share_per_year: found a total share of 1\.2 leaving regular_private in a "
            "year; allowed: at most 1",
        ),
        (
            lambda d: d["life_cycle"]["transitions"][2].update(to="rare"),
            r"life_cycle\.transitions\[2\]\.to: found 'rare', the same type as in from; allowed: another type",
        ),
        (
            lambda d: d["regions"][0]["stations_count"].update(value=18.0),
            r"regions\[0\]\.stations_count: found 18\.0; allowed: a whole number without a decimal point",
        ),
        (
            lambda d: d["life_cycle"]["lull_days"].update(value=[7, 35.0]),
            r"life_cycle\.lull_days\[1\]: found 35\.0; allowed: a whole number without a decimal point",
        ),
        (
            lambda d: d["knobs"]["price_shock"]["month"].update(value=7.0),
            r"knobs\.price_shock\.month: found 7\.0; allowed: a whole number without a decimal point",
        ),
        (
            lambda d: rename(d["types"], "eco", "Эко"),
            r'twin\.json: types: found "Эко"; allowed: text that matches \^\[a-z\]',
        ),
    ],
    ids=[
        "region twice",
        "category twice",
        "ai92 above ai95",
        "lpg as expensive as ai92",
        "ai100 cheaper than ai98",
        "margin above the price",
        "no hour",
        "transitions above 1",
        "transition to itself",
        "stations with a decimal point",
        "lull with a decimal point",
        "month with a decimal point",
        "type name",
    ],
)
def test_inconsistent_configuration_is_rejected(reference, change, message):
    edit(reference, change)
    with pytest.raises(GeneratorError, match=message):
        load_run(reference, **RUN)


@pytest.mark.parametrize("code", ["new", "undefined", "walk_in"])
def test_type_may_not_use_a_reserved_code(reference, code):
    edit(reference, lambda document: rename(document["types"], "eco", code))
    message = rf"types\.{code}: found a reserved name; allowed: any name except new, undefined, walk_in"
    with pytest.raises(GeneratorError, match=message):
        load_run(reference, **RUN)


def test_every_problem_of_the_file_is_reported_with_the_schema(reference):
    edit(reference, lambda d: d["grades"][0].pop("label_ru") and d["knobs"]["separation"].update(value=0, note="x"))
    with pytest.raises(GeneratorError) as caught:
        load_run(reference, **RUN)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["twin.json", "knobs.separation"],
        ["twin.json", "knobs.separation.value"],
        ["twin.json", "grades[0] (ai92)"],
    ]
    assert lines[-1] == "Correct the file; its schema is schemas/twin.schema.json, in the same folder."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"version": 2, "version": 2}', "the whole file: found 'version' more than once; allowed: each key"),
        ('{"version" 2}', 'line 1, column 12: not valid JSON, found "2": Expecting'),
        ("[" * 100_000, "the whole file: found brackets nested too deeply; allowed: at most 64 levels"),
    ],
    ids=["repeated key", "syntax", "nesting"],
)
def test_unreadable_files_are_rejected(reference, content, message):
    (reference / "twin.json").write_text(content, encoding="utf-8")
    with pytest.raises(GeneratorError, match=f"^twin.json: {message}"):
        load_run(reference, **RUN)
    with pytest.raises(GeneratorError, match=f"^twin.json: {message}"):
        parameters_table(reference)


def test_every_parameter_is_listed_with_unit_and_source():
    table = parameters_table(REFERENCE).to_pylist()
    by_code = {row["parameter_code"]: row for row in table}
    assert len(by_code) == len(table) > 200
    assert by_code["grades.ai92.price_rub_per_l"]["value_text"] == "59.16"
    assert by_code["life_cycle.transitions.0.share_per_year"]["unit"] == "share of clients"
    assert all(row["unit"] and row["source"] for row in table)
