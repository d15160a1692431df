"""The reference JSON: every mistake is reported with file, place, value and what is allowed."""

import json
import shutil

import pytest
import yaml
from jsonschema import Draft202012Validator

from twinlab.errors import UserError
from twinlab.reference.conditions import FLAGS, PAYMENT_METHODS
from twinlab.reference.cross_checks import feature_codes, twin_notes
from twinlab.reference.load import FILES, InvalidReferenceError, load_reference


@pytest.fixture
def schemas(root):
    return root / "data" / "reference" / "schemas"


@pytest.fixture
def folder(root, tmp_path):
    for name in FILES:
        shutil.copy(root / "data" / "reference" / f"{name}.json", tmp_path)
    return tmp_path


def edit(folder, name, change):
    """Change a document in place."""
    path = folder / f"{name}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def error_message(folder, schemas):
    """Return the message that the folder is rejected with."""
    with pytest.raises(InvalidReferenceError) as caught:
        load_reference(folder, schemas)
    assert isinstance(caught.value, UserError)
    message = caught.value.render()
    assert len(message.splitlines()) <= 24
    return message


def test_the_shipped_files_have_no_mistakes(root, schemas):
    reference = load_reference(root / "data" / "reference", schemas)
    assert len(feature_codes(reference)) == 9
    assert len(reference["portraits"]["portraits"]) == 11


def test_schemas_are_valid(schemas):
    for name in FILES:
        Draft202012Validator.check_schema(json.loads((schemas / f"{name}.schema.json").read_text(encoding="utf-8")))


def test_syntax_error_is_reported_with_line_and_column(folder, schemas):
    path = folder / "portraits.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"portraits": [', '"portraits" [', 1), encoding="utf-8")
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if '"portraits" [' in text)
    assert f"portraits.json: line {line}, column 15: not valid JSON" in error_message(folder, schemas)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "line 1, column 1: not valid JSON"),
        (b"\xff\xfe{", "byte 0: found 0xff; allowed: UTF-8 text; save the file as UTF-8"),
        (b'{"version": NaN}', "version: found NaN; allowed: a finite number"),
        (b'{"version": 1, "version": 1}', "the whole file: found 'version' more than once; allowed: each key"),
        (b"[" * 100_000, "found brackets nested too deeply; allowed: at most 64 levels"),
        (b"[]", "portraits.json: the whole file: found []; allowed: an object"),
    ],
)
def test_unreadable_files_are_rejected(folder, schemas, content, expected):
    (folder / "portraits.json").write_bytes(content)
    message = error_message(folder, schemas)
    assert "portraits.json" in message
    assert expected in message


def test_missing_file_is_named(folder, schemas):
    (folder / "twin.json").unlink()
    assert "twin.json: missing: there is no file" in error_message(folder, schemas)


def test_all_broken_files_are_reported_together(folder, schemas):
    (folder / "portraits.json").write_text("{")
    (folder / "twin.json").write_text("{")
    message = error_message(folder, schemas)
    assert "2 mistakes" in message
    assert "portraits.json" in message
    assert "twin.json" in message


RESERVED_CODES = 'allowed: any value except "undefined", "silent", "unregistered"'


def first_rule(document):
    return document["rules"][0]


def first_modifier(document):
    return first_rule(document)["modifiers"][0]


def portrait(document, code):
    return next(item for item in document["portraits"] if item["portrait_code"] == code)


def criterion(document, portrait_code, code):
    return next(item for item in portrait(document, portrait_code)["criteria"] if item["criterion_code"] == code)


def ranged(metric_code, **bounds):
    return {"criterion_code": "extra", "metric_code": metric_code, "kind": "range", "weight": 1} | bounds


def listed(metric_code, values):
    return {"criterion_code": "extra", "metric_code": metric_code, "kind": "category", "weight": 1, "values": values}


def check(document, code):
    return next(item for item in document["checks"] if item["check_code"] == code)


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (
            "behavior_rules",
            lambda d: first_rule(d)["default"]["response_prob"].update(mean=1.5),
            "rules[0] (fuel_discount).default.response_prob.mean: found 1.5; allowed: a number from 0 to 1",
        ),
        (
            "behavior_rules",
            lambda d: first_rule(d)["default"]["visits_change"].update(mean="much"),
            'default.visits_change.mean: found "much"; allowed: a number',
        ),
        (
            "behavior_rules",
            lambda d: first_rule(d)["default"].pop("shop_change"),
            "default: missing key 'shop_change'",
        ),
        (
            "behavior_rules",
            lambda d: first_rule(d).update(efect=1),
            "unknown key 'efect'; allowed: feature_code, default, portraits",
        ),
        (
            "behavior_rules",
            lambda d: first_rule(d)["portraits"]["rare"]["response_prob"].update(mean=-0.1),
            "rules[0] (fuel_discount).portraits.rare.response_prob.mean: found -0.1; allowed: a number from 0 to 1",
        ),
        (
            "behavior_rules",
            lambda d: first_modifier(d).update(metric_code="shop_share"),
            "rules[0] (fuel_discount).modifiers[0] (card_holders).metric_code: "
            'found "shop_share"; allowed: "has_loyalty_card", "has_fuel_card", ',
        ),
        (
            "behavior_rules",
            lambda d: first_modifier(d)["factors"]["response_prob"].update(mean=-1.1),
            "rules[0] (fuel_discount).modifiers[0] (card_holders).factors.response_prob.mean: found -1.1; allowed: "
            "a number from 0 to 10",
        ),
        (
            "behavior_rules",
            lambda d: first_modifier(d)["factors"].update(profit=1),
            "(card_holders).factors: unknown key 'profit'; allowed: response_prob, visits_change, ",
        ),
        (
            "behavior_rules",
            lambda d: first_modifier(d).pop("values"),
            "allowed: an object with low or an object with high or an object with values",
        ),
        (
            "feature_hypotheses",
            lambda d: d.update(horizon_weeks=0),
            "horizon_weeks: found 0; allowed: a number from 1 to 26",
        ),
        (
            "feature_hypotheses",
            lambda d: d.update(horizon_weeks=1.5),
            "horizon_weeks: found 1.5; allowed: a whole number",
        ),
        (
            "feature_hypotheses",
            lambda d: d["features"][0].update(treated_share=1),
            "treated_share: found 1; allowed: a number above 0 and below 1",
        ),
        (
            "feature_hypotheses",
            lambda d: d["features"][0].update(primary_metric_code="joy"),
            'primary_metric_code: found "joy"; allowed: "visits_per_month", "volume_l_per_month"',
        ),
        (
            "feature_hypotheses",
            lambda d: next(f for f in d["features"] if f["acts_on"] == "station").update(randomization_unit="client"),
            'randomization_unit: found "client"; allowed: "home_station"',
        ),
        (
            "feature_hypotheses",
            lambda d: d["offers"].update(contacts_limit=2.5),
            "offers.contacts_limit: found 2.5; allowed: a whole number or null",
        ),
        (
            "feature_hypotheses",
            lambda d: d.update(offers={"budget_rub_per_month": -1}),
            "offers.budget_rub_per_month: found -1; allowed: a number at least 0",
        ),
        ("feature_hypotheses", lambda d: d.update(version=2), "version: found 2; allowed: 1"),
        ("feature_hypotheses", lambda d: d.update(features=[]), "features: found 0 items; allowed: 1 or more"),
        (
            "portraits",
            lambda d: d["portraits"][0].update(portrait_code="Новый!"),
            "allowed: text that matches ^[a-z]",
        ),
        ("portraits", lambda d: d["portraits"][0].update(portrait_code="undefined"), RESERVED_CODES),
        ("portraits", lambda d: d["portraits"][0].update(portrait_code="silent"), RESERVED_CODES),
        (
            "portraits",
            lambda d: d["portraits"][0].update(label_ru=""),
            'label_ru: found ""; allowed: 1 or more characters',
        ),
        (
            "portraits",
            lambda d: [d["portraits"][0]["criteria"][0].pop(bound, None) for bound in ("low", "high")],
            "allowed: an object with low or an object with high",
        ),
        (
            "portraits",
            lambda d: criterion(d, "rare", "visits_per_month").update(metric_code="visits_month"),
            "portraits[2] (rare).criteria[1] (visits_per_month).metric_code: "
            'found "visits_month"; allowed: "visits_per_month", ',
        ),
        (
            "portraits",
            lambda d: criterion(d, "economy", "main_fuel_grade").update(weight=0),
            "criteria[3] (main_fuel_grade).weight: found 0; allowed: a number above 0 and at most 100",
        ),
        (
            "portraits",
            lambda d: criterion(d, "economy", "main_fuel_grade").update(weight=-1),
            "criteria[3] (main_fuel_grade).weight: found -1; allowed: a number above 0 and at most 100",
        ),
        (
            "portraits",
            lambda d: criterion(d, "rare", "visits_per_month").update(values=[True]),
            "portraits[2] (rare).criteria[1] (visits_per_month): found ",
        ),
        (
            "calibration",
            lambda d: d["checks"][0].update(check_code="price_ai80"),
            'checks[0] (price_ai80).check_code: found "price_ai80"; allowed: "price_ai92"',
        ),
        (
            "calibration",
            lambda d: d["checks"][0].update(tolerance=0),
            "tolerance: found 0; allowed: a number above 0",
        ),
        (
            "twin",
            lambda d: d["types"]["rare"]["wallet_share"].update(value=[1.5, 5]),
            "types.rare.wallet_share.value[0]: found 1.5; allowed: a number from 0.01 to 0.99",
        ),
        (
            "twin",
            lambda d: d["fills"]["max_tank_share"].update(value=0.7),
            "fills.max_tank_share.value: found 0.7; allowed: a number from 0.8 to 1",
        ),
        (
            "twin",
            lambda d: d["types"].update({"Эко": d["types"].pop("eco")}),
            'types: found "Эко"; allowed: text that matches ^[a-z]',
        ),
        ("calibration", lambda d: d["checks"][0].pop("source"), "checks[0] (price_ai92): missing key 'source'"),
        (
            "calibration",
            lambda d: check(d, "weekday_profile").update(curve_code="hour"),
            'curve_code: found "hour"; allowed: "weekday"',
        ),
        (
            "calibration",
            lambda d: check(d, "corporate_concentration").pop("threshold"),
            "(corporate_concentration): missing key 'threshold'",
        ),
    ],
)
def test_schema_mistakes_are_reported_with_place_value_and_what_is_allowed(folder, schemas, name, change, expected):
    edit(folder, name, change)
    message = error_message(folder, schemas)
    assert f"{name}.json" in message
    assert expected in message


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (
            "behavior_rules",
            lambda d: first_rule(d)["portraits"].update(regullar=first_rule(d)["default"]),
            "rules[0].portraits (fuel_discount): unknown portrait 'regullar'; known: regular_private, ",
        ),
        (
            "behavior_rules",
            lambda d: first_rule(d).update(feature_code="free_tea"),
            "rules[0].feature_code: unknown product feature 'free_tea'; known: fuel_discount, ",
        ),
        (
            "behavior_rules",
            lambda d: first_rule(d)["modifiers"].append(first_modifier(d)),
            "rules[0] (fuel_discount).modifiers[1].modifier_code: found 'card_holders', already used in [0]; "
            "allowed: each modifier_code once",
        ),
        (
            "behavior_rules",
            lambda d: first_modifier(d).update(metric_code="main_payment_method", values=["coupon"]),
            'rules[0] (fuel_discount).modifiers[0] (card_holders).values[0]: found "coupon", not a value of '
            "main_payment_method; allowed: cash, card, app, fuel_card",
        ),
        (
            "behavior_rules",
            lambda d: first_modifier(d).update(metric_code="tenure_days", values=[1], low=60, high=30),
            "rules[0] (fuel_discount).modifiers[0] (card_holders): low 60 is not below high 30; allowed: low < high",
        ),
        (
            "behavior_rules",
            lambda d: d["rules"].pop(0),
            "no rule for product feature 'fuel_discount'; add it: every feature",
        ),
        ("behavior_rules", lambda d: d["rules"].append(first_rule(d)), "found 'fuel_discount', already used in [0]"),
        (
            "feature_hypotheses",
            lambda d: d["features"][1]["aimed_portraits"].append("taxi"),
            "features[1].aimed_portraits[5] (personal_recommendations): unknown portrait 'taxi'; known: regular_",
        ),
        (
            "feature_hypotheses",
            lambda d: d["features"].append(d["features"][0]),
            "features[9].feature_code: found 'fuel_discount', already used in [0]; allowed: each",
        ),
        (
            "feature_hypotheses",
            lambda d: d["features"][0]["eligibility"].append({"metric_code": "tenure_days", "low": 9, "high": 3}),
            "features[0] (fuel_discount).eligibility[0]: low 9 is not below high 3; allowed: low < high",
        ),
        (
            "portraits",
            lambda d: d["portraits"].append(d["portraits"][0]),
            "portraits[11].portrait_code: found 'regular_private', already used in [0]; allowed: each",
        ),
        (
            "portraits",
            lambda d: d["portraits"][0]["criteria"].append(d["portraits"][0]["criteria"][0]),
            "portraits[0] (regular_private).criteria[7].criterion_code: found 'tenure_days', already used in [0]; "
            "allowed: each criterion_code once",
        ),
        (
            "portraits",
            lambda d: criterion(d, "rare", "visits_per_month").update(low=2),
            "portraits[2] (rare).criteria[1] (visits_per_month): low 2 is not below high 2; allowed: low < high",
        ),
        (
            "portraits",
            lambda d: criterion(d, "economy", "main_fuel_grade")["values"].append("ai93"),
            'portraits[6] (economy).criteria[3] (main_fuel_grade).values[1]: found "ai93", not a value of '
            "main_fuel_grade; allowed: ai92, ai95, ai95_eco, ai98, ai100, diesel, lpg",
        ),
        (
            "portraits",
            lambda d: criterion(d, "premium", "has_loyalty_card").update(values=["yes"]),
            'values[0]: found "yes", not a value of has_loyalty_card; allowed: true, false',
        ),
        (
            "portraits",
            lambda d: d["portraits"][0]["criteria"].append(ranged("main_payment_method", low=1)),
            "criteria[7] (extra): found a range for main_payment_method, which is not a number; allowed: values, "
            "any of cash, card, app, fuel_card",
        ),
        (
            "portraits",
            lambda d: d["portraits"][0]["criteria"].append(listed("vehicles_count", ["many"])),
            'criteria[7] (extra).values[0]: found "many", not a value of vehicles_count; allowed: a number',
        ),
        (
            "feature_hypotheses",
            lambda d: d["features"][3]["eligibility"][0].update(values=["ai95", "ai93"]),
            'features[3] (vip_service).eligibility[0].values[1]: found "ai93", not a value of main_fuel_grade',
        ),
        ("twin", lambda d: d["regions"].append(d["regions"][0]), "allowed: each region_code once"),
        (
            "calibration",
            lambda d: d["checks"].append(d["checks"][0]),
            "checks[18].check_code: found 'price_ai92', already used in [0]; allowed: each",
        ),
        (
            "calibration",
            lambda d: d["curves"].pop(0),
            "checks[6].curve_code (weekday_profile): unknown curve 'weekday'; known: hour, month",
        ),
        (
            "calibration",
            lambda d: d["curves"][0]["points"][0].update(to=3),
            "curves[0].points (weekday)[0]: found from 1 to 3; allowed: from = to, from 1 to 7",
        ),
        (
            "calibration",
            lambda d: d["curves"][1]["points"][1].update(to=9),
            "curves[1].points (hour)[1]: found from 10 to 9; allowed: from ≤ to, both from 0 to 23",
        ),
        (
            "calibration",
            lambda d: d["curves"][1]["points"][0].update(to=10),
            "curves[1].points (hour)[1]: found from 10 to 14, which overlaps a point above; allowed: no overlap",
        ),
        (
            "twin",
            lambda d: d["types"]["rare"]["share"].update(value=0.9),
            "twin.json: types.*.share: found shares that add up to 1.715; allowed: a sum of 1",
        ),
        (
            "twin",
            lambda d: d["types"]["eco"]["week_profile"].update(value="lazy"),
            "twin.json: types.eco.week_profile: found 'lazy'; allowed: private, office, flat",
        ),
        ("twin", lambda d: d["basket"].append(d["basket"][0]), "allowed: each category_code once"),
        (
            "twin",
            lambda d: d["grades"][0]["price_rub_per_l"].update(value=64),
            "twin.json: grades.ai95.price_rub_per_l: found 63.53; allowed: above the price of ai92, 64",
        ),
        (
            "twin",
            lambda d: d["types"].update(new=d["types"].pop("eco")),
            "twin.json: types.new: found a reserved name; allowed: any name except new, undefined, walk_in",
        ),
    ],
)
def test_codes_must_be_consistent_across_files(folder, schemas, name, change, expected):
    edit(folder, name, change)
    message = error_message(folder, schemas)
    assert f"{name}.json: " in message
    assert expected in message


def test_a_horizon_of_one_week_and_rules_without_modifiers_are_accepted(folder, schemas):
    edit(folder, "feature_hypotheses", lambda d: d.update(horizon_weeks=1))
    edit(folder, "behavior_rules", lambda d: [rule.pop("modifiers", None) for rule in d["rules"]])
    assert load_reference(folder, schemas)["feature_hypotheses"]["horizon_weeks"] == 1


def features_naming(folder, code):
    """Return the features that are aimed at a portrait, and those whose rule names it."""
    features = json.loads((folder / "feature_hypotheses.json").read_text(encoding="utf-8"))["features"]
    rules = json.loads((folder / "behavior_rules.json").read_text(encoding="utf-8"))["rules"]
    aimed = [item["feature_code"] for item in features if code in item["aimed_portraits"]]
    return aimed, [rule["feature_code"] for rule in rules if code in rule["portraits"]]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["portraits"].remove(portrait(d, "eco")),
        lambda d: portrait(d, "eco").update(portrait_code="green"),
    ],
    ids=["removed", "renamed"],
)
def test_a_missing_portrait_is_reported_wherever_it_is_named(folder, schemas, change):
    aimed, ruled = features_naming(folder, "eco")
    assert aimed
    assert ruled
    edit(folder, "portraits", change)
    message = error_message(folder, schemas)
    assert f"{len(aimed) + len(ruled)} mistakes" in message
    lines = message.splitlines()[1:]
    for feature in aimed:
        assert any(f"({feature}): unknown portrait 'eco'" in line and ".aimed_portraits[" in line for line in lines)
    for feature in ruled:
        assert any(f"].portraits ({feature}): unknown portrait 'eco'" in line for line in lines)
    for line in lines:
        assert line.endswith("correct the code, remove it here, or add it to portraits.json")
    # Following the advice in the message fixes the files.
    edit(folder, "feature_hypotheses", lambda d: [without(item["aimed_portraits"], "eco") for item in d["features"]])
    edit(folder, "behavior_rules", lambda d: [rule["portraits"].pop("eco", None) for rule in d["rules"]])
    load_reference(folder, schemas)


def without(codes, code):
    """Remove a code in place; a feature needs at least one portrait that it is aimed at."""
    codes[:] = [item for item in codes if item != code] or ["premium"]


def test_a_new_portrait_needs_no_other_file(folder, schemas):
    """The default of each rule applies to it, and the generator has its own list of types."""
    edit(folder, "portraits", lambda d: d["portraits"].append(portrait(d, "eco") | {"portrait_code": "night_driver"}))
    reference = load_reference(folder, schemas)
    assert len(reference["portraits"]["portraits"]) == 12
    [note] = twin_notes(reference)
    assert note.startswith("note: portraits.json has 'night_driver', but the generator draws no clients of that type: ")


def test_a_type_that_the_generator_draws_needs_no_portrait(folder, schemas):
    edit(folder, "twin", lambda d: d["types"].update(hidden=d["types"].pop("eco")))
    reference = load_reference(folder, schemas)
    assert [note[:66] for note in twin_notes(reference)] == [
        "note: the generator draws clients of type 'hidden', which portrait",
        "note: portraits.json has 'eco', but the generator draws no clients",
    ]


def test_shipped_portraits_match_the_types_of_the_generator(folder, schemas):
    assert twin_notes(load_reference(folder, schemas)) == []


def test_conditions_know_the_text_and_boolean_metrics(root, schemas):
    """They are the text and boolean columns of fct_client_metrics."""
    contract = yaml.safe_load(
        (root / "models" / "marts" / "clients" / "_marts_clients__models.yml").read_text(encoding="utf-8")
    )
    columns = next(model["columns"] for model in contract["models"] if model["name"] == "fct_client_metrics")
    of_type = {kind: {c["name"] for c in columns if c["data_type"] == kind} for kind in ("varchar", "boolean")}
    assert of_type == {"varchar": {"main_fuel_grade", "main_payment_method"}, "boolean": set(FLAGS)}
    macros = (root / "dbt_project" / "macros" / "codes.sql").read_text(encoding="utf-8")
    assert f"return({list(PAYMENT_METHODS)})" in macros


def test_order_of_portraits_does_not_matter(folder, schemas):
    edit(folder, "portraits", lambda d: d["portraits"].reverse())
    load_reference(folder, schemas)


def test_many_mistakes_fit_one_screen(folder, schemas):
    edit(folder, "portraits", lambda d: [portrait.update(label_ru=1, extra=2) for portrait in d["portraits"]])
    message = error_message(folder, schemas)
    assert "22 mistakes" in message
    assert "… and 11 more" in message
    assert message.splitlines()[-1] == "  Correct the files; their schemas are in data/reference/schemas."
