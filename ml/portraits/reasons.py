"""Why a client has its portrait: what each criterion of the portrait says of the client, and how much that weighed."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.portraits.criteria import Criterion, hear
from ml.portraits.model import PortraitModel, ordered
from ml.tables.columns import codes, is_text, numbers, require, strings


def explain(model: PortraitModel, metrics: pa.Table, portraits: pa.Table) -> pa.Table:
    """List the criteria of each client's portrait.

    Parameters
    ----------
    model : PortraitModel
    metrics : pyarrow.Table
        One row per client, as for `ml.portraits.model.assign`.
    portraits : pyarrow.Table
        client_id and portrait_code: whose criteria are looked at (none for `undefined`). Clients of whom `metrics`
        knows nothing are left out.

    Returns
    -------
    pyarrow.Table
        One row per client × criterion of its portrait, by portrait, criterion and client: client_id, portrait_code,
        criterion_code, metric_code, value (text: the client's; null when it is not known), is_matched (null when it
        is not known), contribution (log odds that the criterion added to the portrait's score after calibration: above
        0 it spoke for the portrait, below 0 against it).

    Raises
    ------
    MissingColumnError, ColumnTypeError
    """
    require(portraits, ["client_id", "portrait_code"], "portraits")
    portraits = portraits.select(["client_id", "portrait_code"])
    known = ordered(metrics).join(portraits, "client_id", join_type="inner").sort_by("client_id")
    index, found = codes(known, "portrait_code")
    parts = []
    for one in model.criteria:
        rows = np.flatnonzero(index == found.index(one.portrait_code)) if one.portrait_code in found else []
        if len(rows):
            parts.append(_said(known.take(pa.array(rows)), one, model.power))
    return pa.concat_tables(parts) if parts else _said(known.slice(0, 0), model.criteria[0], model.power)


def _said(clients: pa.Table, one: Criterion, power: float) -> pa.Table:
    said = hear(clients, one)
    size = clients.num_rows

    def same(text: str) -> pa.Array:
        return strings(np.zeros(size, dtype=np.int32), [text])

    return pa.table(
        {
            "client_id": clients["client_id"],
            "portrait_code": same(one.portrait_code),
            "criterion_code": same(one.criterion_code),
            "metric_code": same(one.metric_code),
            "value": _text(clients, one.metric_code),
            "is_matched": pa.array(said.is_matched, mask=~said.is_known),
            "contribution": power * said.log_factor,
        }
    )


def _text(clients: pa.Table, metric_code: str) -> pa.Array:
    if is_text(clients, metric_code) or pa.types.is_boolean(clients.schema.field(metric_code).type):
        return clients[metric_code].cast(pa.string())
    values = numbers(clients, metric_code)
    shown = pa.array(np.round(values, 4), mask=np.isnan(values))
    return pc.cast(shown, pa.string())
