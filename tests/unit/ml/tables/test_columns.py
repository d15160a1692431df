"""Rows of other tables are looked up by client."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.tables.columns import row_of
from ml.tables.errors import InvalidValueError

IDS = st.sets(st.integers(0, 60), max_size=30)


@given(known=IDS, wanted=st.lists(st.integers(0, 60), max_size=30))
def test_each_client_is_found_or_the_first_missing_one_is_reported(known, wanted):
    ids, clients = np.array(sorted(known), dtype=np.int64), np.array(wanted, dtype=np.int64)
    missing = [client for client in wanted if client not in known]
    if missing:
        with pytest.raises(InvalidValueError, match=f"client_id = {missing[0]} in arms; allowed: .* profiles"):
            row_of(ids, clients, "arms", "profiles")
    else:
        assert ids[row_of(ids, clients, "arms", "profiles")].tolist() == wanted
