"""Reasons for a client's portrait: whether it meets each criterion, and the contribution of each to the score."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.portraits.criteria import Criterion, evaluate
from ml.portraits.model import PortraitModel, ordered
from ml.tables.columns import codes, is_text, numbers, require, strings


def explain(model: PortraitModel, metrics: pa.Table, portraits: pa.Table) -> pa.Table:
    """List the criteria of each client's portrait.

    Parameters
    ----------
    model : PortraitModel
    metrics : pyarrow.Table
        One row per client, as for `ml.portraits.model.score`.
    portraits : pyarrow.Table
        client_id and portrait_code. `undefined` has no criteria; clients without a row in `metrics` are skipped.

    Returns
    -------
    pyarrow.Table
        One row per client × criterion of its portrait, sorted by portrait, criterion and client: client_id,
        portrait_code, criterion_code, metric_code, value (of the client, as text; null if unknown), is_matched (null
        if unknown), contribution (log odds added to the score of the portrait after calibration: positive for,
        negative against).
    """
    require(portraits, ["client_id", "portrait_code"], "portraits")
    portraits = portraits.select(["client_id", "portrait_code"])
    known = ordered(metrics).join(portraits, "client_id", join_type="inner").sort_by("client_id")
    index, found = codes(known, "portrait_code")
    parts = []
    for criterion in model.criteria:
        code = criterion.portrait_code
        rows = np.flatnonzero(index == found.index(code)) if code in found else np.zeros(0, dtype=np.int64)
        if len(rows):
            parts.append(_explained(known.take(pa.array(rows)), criterion, model.power))
    return pa.concat_tables(parts) if parts else _explained(known.slice(0, 0), model.criteria[0], model.power)


def _explained(clients: pa.Table, criterion: Criterion, power: float) -> pa.Table:
    evidence = evaluate(clients, criterion)
    size = clients.num_rows

    def constant(text: str) -> pa.Array:
        return strings(np.zeros(size, dtype=np.int32), [text])

    return pa.table(
        {
            "client_id": clients["client_id"],
            "portrait_code": constant(criterion.portrait_code),
            "criterion_code": constant(criterion.criterion_code),
            "metric_code": constant(criterion.metric_code),
            "value": _text(clients, criterion.metric_code),
            "is_matched": pa.array(evidence.is_matched, mask=~evidence.is_known),
            "contribution": power * evidence.log_factor,
        }
    )


def _text(clients: pa.Table, metric_code: str) -> pa.Array:
    if is_text(clients, metric_code) or pa.types.is_boolean(clients.schema.field(metric_code).type):
        return clients[metric_code].cast(pa.string())
    values = numbers(clients, metric_code)
    rounded = pa.array(np.round(values, 4), mask=np.isnan(values))
    return pc.cast(rounded, pa.string())
