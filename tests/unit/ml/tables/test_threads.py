"""One thread for linear algebra, also when several models run at once."""

import threading

import numpy as np  # noqa: F401 (loads BLAS)
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from ml.tables.threads import one_thread


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(limits=2):
        yield


def test_a_block_has_one_thread_and_gives_the_others_back():
    before = blas_threads()
    with one_thread():
        assert blas_threads() == {1}
        with one_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_a_block_that_ends_first_leaves_the_limit_to_the_others():
    before = blas_threads()
    has_begun, may_end = threading.Event(), threading.Event()

    def first():
        with one_thread():
            has_begun.set()
            may_end.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert has_begun.wait(10)
    with one_thread():
        may_end.set()
        thread.join(10)
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_an_error_gives_the_threads_back():
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        raise ZeroDivisionError
    assert blas_threads() == before
