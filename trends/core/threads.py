"""One thread per sum: the last bits of a result must not depend on how many threads shared a sum.

UMAP turns a difference in the seventh digit of one vector into another layout, so every number that
leads to topics is computed by one thread. What is parallel is the work on separate papers or blocks.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def one_thread_per_sum() -> AbstractContextManager[Any]:
    """Give a context in which linear algebra runs on the calling thread only."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield work(item) in the order of items, on as many threads as this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ThreadPoolExecutor(allowed) as pool:
        yield from pool.map(work, items)
