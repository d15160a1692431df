"""Serialisation of a fitted portrait model as a one-row table, so that one step fits and others score."""

import json
from dataclasses import asdict

import numpy as np
import pyarrow as pa

from ml.portraits.criteria import Criterion
from ml.portraits.mixture import Mixture
from ml.portraits.model import PortraitModel
from ml.portraits.space import Column, Space, Trait
from ml.tables.errors import InvalidValueError

BY_DATA, BY_CRITERIA = "criteria_and_data", "criteria_only"


def to_table(model: PortraitModel) -> pa.Table:
    """Serialise the model.

    Returns
    -------
    pyarrow.Table
        One row: method_code (`criteria_and_data`, or `criteria_only` without a mixture), rounds_count (int32: EM
        rounds, null without a mixture), power (of the calibration), parameters (JSON: input of `from_table`).
    """
    fitted = model.mixture
    document = {
        "criteria": [asdict(criterion) for criterion in model.criteria],
        "space": asdict(model.space),
        "mixture": None if fitted is None else {name: _plain(value) for name, value in vars(fitted).items()},
        "power": model.power,
        "anywhere_share": model.anywhere_share,
    }
    return pa.table(
        {
            "method_code": [BY_CRITERIA if fitted is None else BY_DATA],
            "rounds_count": pa.array([None if fitted is None else fitted.rounds], pa.int32()),
            "power": [model.power],
            "parameters": [json.dumps(document, ensure_ascii=False)],
        }
    )


def from_table(table: pa.Table) -> PortraitModel:
    """Restore a model from the table of `to_table`; raises InvalidValueError unless it has exactly one row."""
    if table.num_rows != 1:
        raise InvalidValueError("rows", table.num_rows, "portrait model", "one row")
    document = json.loads(table["parameters"][0].as_py())
    fitted = document["mixture"]
    return PortraitModel(
        criteria=[Criterion(**criterion) for criterion in document["criteria"]],
        space=Space(
            [Column(**column) for column in document["space"]["columns"]],
            [Trait(**trait) for trait in document["space"]["traits"]],
            document["space"]["share_visits"],
        ),
        mixture=None if fitted is None else _mixture(fitted),
        power=document["power"],
        anywhere_share=document["anywhere_share"],
    )


def _mixture(fitted: dict) -> Mixture:
    columns = len(fitted["log_range"])
    share = np.array(fitted["share"])
    return Mixture(
        share=share,
        mean=np.array(fitted["mean"]).reshape(len(share), columns),
        covariance=np.array(fitted["covariance"]).reshape(len(share), columns, columns),
        log_level=[np.array(levels) for levels in fitted["log_level"]],
        log_range=np.array(fitted["log_range"]).reshape(columns),
        rounds=fitted["rounds"],
        degrees=fitted["degrees"],
        min_share=fitted["min_share"],
    )


def _plain(value: object) -> object:
    """Convert arrays to nested lists; JSON keeps every digit of a float."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain(item) for item in value] if isinstance(value, list) else value
