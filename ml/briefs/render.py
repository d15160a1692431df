"""Management brief of each feature: a short Russian text rendered from the tables; it computes no numbers itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ml.briefs import russian
from ml.tables.columns import require
from ml.tables.errors import InvalidValueError, UnknownCodeError

PLANNED_EFFECT, PLANNED_POWER, PLANNED_CONTROL = 0.08, 0.8, 0.5
"""The planned trial shown in the brief, one of the plans of `ml.planning.planner`."""

MAX_EARNING = 3
"""Maximum number of portraits listed by profit."""

METRICS_RU = {
    "visits_per_month": "визиты",
    "volume_l_per_month": "литры",
    "spend_rub_per_month": "выручка",
    "shop_rub_per_visit": "чек магазина за визит",
}

Row = Mapping[str, Any]


def write_briefs(
    features: pa.Table, results: pa.Table, curves: pa.Table, plans: pa.Table, portraits: pa.Table
) -> pa.Table:
    """Render the brief of every feature.

    Parameters
    ----------
    features : pyarrow.Table
        feature_code, label_ru, description_ru, hypothesis_ru, primary_metric_code, aimed_portraits, horizon_weeks.
    results : pyarrow.Table
        Result of `ml.trials.analysis.analyse` or `ml.rules.scenario.by_rules`, with feature_code and portrait_code
        (null for the whole feature).
    curves : pyarrow.Table
        Result of `ml.trials.interest.fit_interest`; may be empty.
    plans : pyarrow.Table
        Result of `ml.planning.planner.plan`.
    portraits : pyarrow.Table
        portrait_code, label_ru.

    Returns
    -------
    pyarrow.Table
        feature_code, brief_ru (Markdown); one row per feature with results, sorted by feature.

    Raises
    ------
    MissingColumnError
        If `results` lacks a column.
    UnknownCodeError
        If a feature or portrait of `results` is not in `features` or `portraits`.
    InvalidValueError
        If a feature has no row of its own, only rows by portrait.
    """
    require(results, ("feature_code", "portrait_code", "verdict_code", "basis_code"), "results of features")
    template = _environment().get_template("feature_brief.md.j2")
    labels = {row["portrait_code"]: row["label_ru"] for row in portraits.to_pylist()}
    known = {row["feature_code"]: row for row in features.to_pylist()}
    of_feature: dict[str, list[Row]] = {}
    for row in results.to_pylist():
        of_feature.setdefault(row["feature_code"], []).append(row)
    half_lives = {row["feature_code"]: row for row in curves.to_pylist()}
    planned = [row for row in plans.to_pylist() if _is_shown(row)]
    briefs = []
    for code in sorted(of_feature):
        _check_codes(code, of_feature[code], known, labels)
        whole = next(row for row in of_feature[code] if row["portrait_code"] is None)
        parts = [{**row, "label_ru": labels[row["portrait_code"]]} for row in of_feature[code] if row["portrait_code"]]
        text = template.render(
            feature=known[code],
            metric=METRICS_RU[known[code]["primary_metric_code"]],
            aimed=[labels[each] for each in known[code]["aimed_portraits"] if each in labels],
            whole=whole,
            works=_with_verdict(parts, "works"),
            harms=_with_verdict(parts, "harms"),
            earning=_earning(parts),
            interest=half_lives.get(code),
            plan=next((row for row in planned if row["feature_code"] == code and row["portrait_code"] is None), None),
            large_enough=[
                labels[row["portrait_code"]]
                for row in planned
                if row["feature_code"] == code and row["portrait_code"] and row["is_ever_possible"]
            ],
            planned_effect=PLANNED_EFFECT,
            planned_power=PLANNED_POWER,
        )
        briefs.append({"feature_code": code, "brief_ru": text})
    return pa.Table.from_pylist(briefs, pa.schema({"feature_code": pa.string(), "brief_ru": pa.string()}))


def _check_codes(code: str, rows: Sequence[Row], features: Mapping[str, Row], labels: Mapping[str, str]) -> None:
    where = "results of features"
    if code not in features:
        raise UnknownCodeError("feature_code", code, where, features)
    for row in rows:
        if row["portrait_code"] is not None and row["portrait_code"] not in labels:
            raise UnknownCodeError("portrait_code", row["portrait_code"], f"{where}, feature '{code}'", labels)
    if all(row["portrait_code"] is not None for row in rows):
        raise InvalidValueError("rows", len(rows), f"{where}, feature '{code}'", "rows including the whole feature")


def _is_shown(plan: Row) -> bool:
    wanted = (PLANNED_EFFECT, PLANNED_POWER, PLANNED_CONTROL)
    return (plan["effect_ratio"], plan["power_prob"], plan["control_share"]) == wanted


def _with_verdict(parts: Sequence[Row], verdict_code: str) -> list[Row]:
    return sorted((row for row in parts if row["verdict_code"] == verdict_code), key=lambda row: row["q_value"])


def _earning(parts: Sequence[Row]) -> list[Row]:
    """Portraits with the highest positive profit per client, by the shrunk estimate.

    Empty if the shrunk estimates are all equal, i.e. the portraits are not distinguishable.
    """
    name = "profit_rub_per_client_per_month_shrunk"
    known = [row for row in parts if row[name] is not None]
    if len({round(row[name], 6) for row in known}) < 2:
        return []
    usable = [row for row in known if row[name] > 0]
    return sorted(usable, key=lambda row: -row[name])[:MAX_EARNING]


def _environment() -> Environment:
    # The output is Markdown, not HTML; the site escapes it.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    names = ("number", "signed", "percent", "signed_percent", "roubles", "signed_roubles")
    environment.filters |= {name: getattr(russian, name) for name in names}
    environment.globals["counted"] = russian.counted
    return environment
