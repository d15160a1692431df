"""Individual effects against the truth: their error, and the true profit of offers chosen by them.

For evaluation only: the true effect of every client is known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ml.tables.columns import codes, numbers
from ml.tables.threads import one_thread

CLIENT_EFFECTS, PORTRAIT_MEAN, RESPONSE, EVERYONE, AIMED, ORACLE = (
    "client_effects",
    "portrait_mean",
    "response_model",
    "everyone",
    "aimed",
    "oracle",
)
TARGETING_SCHEMA = pa.schema(
    {
        "feature_code": pa.string(),
        "method_code": pa.string(),
        "grade_code": pa.string(),
        "value": pa.float64(),
    }
)


@one_thread()
def grade_targeting(
    targets: pa.Table, pooled: pa.Table, truth: pa.Table, features: Sequence[Mapping[str, Any]]
) -> pa.Table:
    """Grade methods of choosing clients.

    Parameters
    ----------
    targets : pyarrow.Table
        Clients of `ml.targeting.policies.find_targets`.
    pooled : pyarrow.Table
        Of `ml.trials.reactions.client_estimates`: one row per client × feature.
    truth : pyarrow.Table
        client_id, feature_code, uplift_margin_rub_per_month (expected effect of the offer), cost_rub_per_month (of the
        offer). Clients in any order.
    features : sequence of mappings
        feature_code, aimed_portraits.

    Returns
    -------
    pyarrow.Table
        `TARGETING_SCHEMA`, by feature (null: over all of them) and method.

        - ``pehe_rub``: root mean squared error of individual effects, ₽ a month. Methods that estimate none have no
          such row.
        - ``slope``: of the true effects on the estimated ones; no row where all estimates are alike.
        - ``qini_share``: cumulated true effect of the clients in the method's order, above a random order's, as a
          share of the oracle's.
        - ``policy_rub``: true profit a month, without fixed cost, of offering to the clients whose expected margin is
          above their cost (to whole stations where these were randomised); ``everyone`` and ``aimed`` offer
          regardless.
    """
    rows: list[tuple[str | None, str, str, float]] = []
    totals: dict[str, dict[str, float]] = {}
    for code, frame in _by_feature(targets, pooled, truth):
        aimed = next(each.get("aimed_portraits") or () for each in features if each["feature_code"] == code)
        for method, effect, profit in _methods(frame, aimed):
            found = _grades(frame, effect, profit)
            rows += [(code, method, grade, value) for grade, value in found.items() if grade[0] != "_"]
            sums = totals.setdefault(method, {})
            for name, value in found.items():
                sums[name] = sums.get(name, 0.0) + value
    rows += [row for method, sums in totals.items() for row in _over_all(method, sums)]
    known = [dict(zip(TARGETING_SCHEMA.names, row, strict=True)) for row in rows if np.isfinite(row[-1])]
    return pa.Table.from_pylist(known, schema=TARGETING_SCHEMA)


def _by_feature(targets: pa.Table, pooled: pa.Table, truth: pa.Table) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Columns of one feature's targets, by client_id, with those of the other tables."""
    feature, features = codes(targets, "feature_code")
    coded = [(table, *codes(table, "feature_code")) for table in (pooled, truth)]
    for number, code in enumerate(features):
        mine = targets.filter(pa.array(feature == number)).sort_by("client_id")
        ids = mine["client_id"].to_numpy()
        aligned = []
        for table, other, names in coded:
            rows = table.filter(pa.array(other == names.index(code))).sort_by("client_id")
            aligned.append(rows.take(pa.array(np.searchsorted(rows["client_id"].to_numpy(), ids))))
        estimated, true = aligned
        group = numbers(mine, "group_id")
        yield (
            code,
            {
                "margin": numbers(mine, "uplift_margin_rub_per_month"),
                "cost": numbers(mine, "cost_rub_per_month"),
                "response": np.nan_to_num(numbers(mine, "response_prob")),
                "pooled": numbers(estimated, "uplift_margin_rub_per_month"),
                "portrait": estimated["portrait_code"].to_numpy(zero_copy_only=False).astype(str),
                "true_margin": numbers(true, "uplift_margin_rub_per_month"),
                "true_cost": numbers(true, "cost_rub_per_month"),
                "group": np.unique(np.where(np.isnan(group), -ids, group), return_inverse=True)[1],
            },
        )


def _methods(
    frame: Mapping[str, np.ndarray], aimed: Sequence[str]
) -> Iterator[tuple[str, np.ndarray | None, np.ndarray]]:
    """Method, its effect of each client (None where it estimates none) and the profit it expects."""
    portrait = np.unique(frame["portrait"], return_inverse=True)[1]
    cost = (np.bincount(portrait, frame["cost"]) / np.bincount(portrait))[portrait]
    # A response model estimates no effect: the mean effect is scaled by the response.
    response = frame["response"] * frame["pooled"].mean() / max(frame["response"].mean(), 1e-9)
    yield CLIENT_EFFECTS, frame["margin"], frame["margin"] - frame["cost"]
    yield PORTRAIT_MEAN, frame["pooled"], frame["pooled"] - cost
    yield RESPONSE, response, response - frame["cost"]
    yield EVERYONE, None, np.ones(len(cost))
    yield AIMED, None, np.where(np.isin(frame["portrait"], list(aimed)), 1.0, -1.0)
    yield ORACLE, frame["true_margin"], frame["true_margin"] - frame["true_cost"]


def _grades(frame: Mapping[str, np.ndarray], effect: np.ndarray | None, profit: np.ndarray) -> dict[str, float]:
    """Figures of one feature; those with a leading underscore are for adding up."""
    true, group = frame["true_margin"], frame["group"]
    # A group randomised as a whole gets the offer as a whole, if its expected profit is positive.
    is_chosen = (np.bincount(group, profit) > 0)[group]
    found = {"policy_rub": float((true - frame["true_cost"])[is_chosen].sum())}
    if effect is None:
        return found
    deviation = effect - effect.mean()
    square, product = float(deviation @ deviation), float(deviation @ true)
    gain, best = (_above_random(true, order) for order in (effect, true))
    found |= {
        "pehe_rub": float(np.sqrt(((effect - true) ** 2).mean())),
        "slope": product / square if square > 1e-9 * float(effect @ effect) else np.nan,
        "qini_share": gain / best if best else np.nan,
        "_error": float(((effect - true) ** 2).sum()),
        "_clients": float(len(true)),
        "_square": square,
        "_product": product,
        "_gain": gain,
        "_best": best,
    }
    return found


def _above_random(true: np.ndarray, order: np.ndarray) -> float:
    """Area between the cumulated true effect in an order, highest first, and that of a random order."""
    cumulated = np.cumsum(true[np.argsort(-order, kind="stable")])
    return float(cumulated.sum() - true.sum() * (len(true) + 1) / 2)


def _over_all(method: str, sums: Mapping[str, float]) -> Iterator[tuple[str | None, str, str, float]]:
    yield None, method, "policy_rub", sums["policy_rub"]
    if "_clients" in sums:
        yield None, method, "pehe_rub", float(np.sqrt(sums["_error"] / sums["_clients"]))
        yield None, method, "slope", sums["_product"] / sums["_square"] if sums["_square"] else np.nan
        yield None, method, "qini_share", sums["_gain"] / sums["_best"] if sums["_best"] else np.nan
