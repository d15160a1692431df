"""Fixtures of the generator's tests."""

import pytest

from tests.synthetic import draw_block, make_run, reference_features


@pytest.fixture(scope="session")
def block():
    """First block of the default run."""
    return draw_block(make_run())


@pytest.fixture(scope="session")
def features():
    """Product features of the reference data."""
    return reference_features()
