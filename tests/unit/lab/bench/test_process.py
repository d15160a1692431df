"""Programs measured one at a time."""

import pytest

from lab.bench.process import run_alone
from twinlab.errors import UserError
from twinlab.layout import Layout


def test_a_program_is_measured_by_itself(tmp_path):
    usage = run_alone(Layout.here({}), "twinlab", ["validate"], tmp_path)
    assert "no mistakes" in usage.said
    assert 0 < usage.seconds < 60
    assert 1 < usage.peak_mib < 1000
    with pytest.raises(UserError, match="twinlab failed"):
        run_alone(Layout.here({}), "twinlab", ["run", "--clients=-5"], tmp_path)
