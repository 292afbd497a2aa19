"""One thread per sum: the last bits of a result must not depend on how many threads shared a sum.

UMAP turns a difference in the seventh digit of one vector into another layout, so every number that
leads to topics is computed by one thread. What is parallel is the work on separate papers or blocks.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Shared:
    """A context that all threads share: the first to enter opens it, the last to leave closes it."""

    def __init__(self, context: Callable[[], AbstractContextManager[None]]) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._n_inside = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Be inside; entering again, from whatever thread, costs nothing."""
        with self._lock:
            if not self._n_inside:
                self._open = self._context()
                self._open.__enter__()
            self._n_inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._n_inside -= 1
                if not self._n_inside:
                    self._open.__exit__(None, None, None)


@contextmanager
def _one_thread() -> Iterator[None]:
    import scipy.linalg  # noqa: F401  (its library must be there to be limited)
    import threadpoolctl

    limit = threadpoolctl.threadpool_limits(limits=1)
    try:
        yield
    finally:
        # Since its version 3.8 only the thread that set a limit can lift it, unless told otherwise.
        let = getattr(threadpoolctl.OpenBLASController, "clear_controlling_thread", None)
        if let is not None:
            let(force=True)
        limit.__exit__(None, None, None)


one_thread_per_sum = Shared(_one_thread)
"""Gives a context in which linear algebra runs on the calling thread only.

Setting a limit looks through all loaded libraries (2 ms), so those who enter share one.
"""


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield work(item) in the order of items, on as many threads as this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ThreadPoolExecutor(allowed) as pool:
        yield from pool.map(work, items)
