"""Blocks drawn by all cores and handed on in their order."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa


def in_order(
    draw: Callable[[int], pa.Table], blocks: range, *, workers: int | None = None, unit: int = 1
) -> Iterator[pa.Table]:
    """Draw blocks in threads and yield them in their order, with no more than a few of them in memory.

    Threads and not processes: numpy lets go of the interpreter's lock in nearly all of the work, and a table need not
    be sent from one process to another (measured in docs/adr/0007-threads.md).

    Parameters
    ----------
    draw : callable
        Draws a block; depends on nothing but the block's number.
    blocks : range
        Numbers of the blocks.
    workers : int, optional
        Threads; one for each core if not given.
    unit : int
        Blocks that a thread takes at a time.

    Yields
    ------
    pyarrow.Table
        One for each block.
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
            # Whoever stops reading early does not wait for what is not begun.
            pool.shutdown(wait=False, cancel_futures=True)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
