"""A fitted portrait model as a table of one row, so that one step fits and others assign."""

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
    """Write the model down.

    Parameters
    ----------
    model : PortraitModel

    Returns
    -------
    pyarrow.Table
        One row: method_code (`criteria_and_data`, or `criteria_only` where the clients were too few), rounds_count
        (int32: of the fit; null without one), power (calibration), parameters (JSON: all that `from_table` needs).
    """
    fitted = model.mixture
    document = {
        "criteria": [asdict(one) for one in model.criteria],
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
    """Read the model back.

    Parameters
    ----------
    table : pyarrow.Table
        Of `to_table`.

    Raises
    ------
    InvalidValueError
        When it is not one row.
    """
    if table.num_rows != 1:
        raise InvalidValueError("rows", table.num_rows, "portrait model", "one row")
    document = json.loads(table["parameters"][0].as_py())
    fitted = document["mixture"]
    return PortraitModel(
        criteria=[Criterion(**one) for one in document["criteria"]],
        space=Space(
            [Column(**one) for one in document["space"]["columns"]],
            [Trait(**one) for one in document["space"]["traits"]],
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
        log_level=[np.array(one) for one in fitted["log_level"]],
        log_range=np.array(fitted["log_range"]).reshape(columns),
        rounds=fitted["rounds"],
        degrees=fitted["degrees"],
        min_share=fitted["min_share"],
    )


def _plain(value: object) -> object:
    """Arrays as nested lists: JSON writes every digit of a float, so that nothing is lost."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain(one) for one in value] if isinstance(value, list) else value
