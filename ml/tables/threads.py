"""One thread for linear algebra: sums over threads differ in the last digits, and a seed must give the same numbers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import OpenBLASController, ThreadpoolController

_lock = threading.Lock()
_running = 0
_blas: Any = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS and OpenMP to one thread while a block runs, whatever other threads of the process do.

    OpenMP has a setting for each thread. BLAS has one for the whole process, which threadpoolctl lets only one thread
    change: a model that ended first would give the threads back to models that still run. So the first block to begin
    limits BLAS, and the last one to end restores it.
    """
    global _running, _blas
    pools = ThreadpoolController()
    with _lock:
        if _running == 0:
            OpenBLASController.clear_controlling_thread(force=True)
            _blas = pools.select(user_api="blas").limit(limits=1)
        _running += 1
    try:
        with pools.select(user_api="openmp").limit(limits=1):
            yield
    finally:
        with _lock:
            _running -= 1
            if _running == 0:
                OpenBLASController.clear_controlling_thread(force=True)
                _blas.restore_original_limits()
                OpenBLASController.clear_controlling_thread(force=True)
