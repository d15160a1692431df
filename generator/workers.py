"""Blocks drawn in parallel and yielded in order."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa


def in_order(
    draw: Callable[[int], pa.Table], blocks: range, *, workers: int | None = None, unit: int = 1
) -> Iterator[pa.Table]:
    """Draw blocks in threads and yield them in order, keeping only a few in memory.

    Threads rather than processes: numpy releases the GIL in nearly all of the work, and tables need not be sent between
    processes (measured in docs/adr/0007-threads.md).

    Parameters
    ----------
    draw : callable
        Draws a block; depends only on the block number.
    blocks : range
        Block numbers.
    workers : int, optional
        Threads; one per core by default.
    unit : int
        Blocks that a thread takes at a time.

    Yields
    ------
    pyarrow.Table
        One per block.
    """
    workers = workers or _cores()
    units = iter([blocks[start : start + unit] for start in range(0, len(blocks), unit)])

    def draw_unit(numbers: range) -> list[pa.Table]:
        return [draw(number) for number in numbers]

    with ThreadPoolExecutor(workers, thread_name_prefix="blocks") as pool:
        pending: deque[Future[list[pa.Table]]] = deque()
        try:
            while True:
                while len(pending) <= workers and (numbers := next(units, None)) is not None:
                    pending.append(pool.submit(draw_unit, numbers))
                if not pending:
                    return
                yield from pending.popleft().result()
        finally:
            # If the reader stops early, do not wait for units that have not started.
            pool.shutdown(wait=False, cancel_futures=True)


def _cores() -> int:
    """Cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
