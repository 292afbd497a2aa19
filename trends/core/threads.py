"""One thread per sum: the last bits of a result must not depend on how many threads shared a sum.

UMAP turns a difference in the seventh digit of one vector into another layout, so every number that
leads to topics is computed by one thread. What is parallel is the work on separate papers or blocks.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Limit:
    """The limit that all who are inside `one_thread_per_sum` share."""

    lock = threading.Lock()
    held: Any = None
    n_inside = 0


@contextmanager
def one_thread_per_sum() -> Iterator[None]:
    """Give a context in which linear algebra runs on the calling thread only.

    The first to enter sets the limit and the last to leave lifts it, in whatever threads they are. Inside,
    entering again costs nothing, while setting a limit looks through all loaded libraries (2 ms).
    """
    import scipy.linalg  # noqa: F401  (its library must be there to be limited)
    import threadpoolctl

    with _Limit.lock:
        if not _Limit.n_inside:
            _Limit.held = threadpoolctl.threadpool_limits(limits=1)
        _Limit.n_inside += 1
    try:
        yield
    finally:
        with _Limit.lock:
            _Limit.n_inside -= 1
            if not _Limit.n_inside:
                # Since its version 3.8 only the thread that set a limit can lift it, unless told otherwise.
                let = getattr(threadpoolctl.OpenBLASController, "clear_controlling_thread", None)
                if let is not None:
                    let(force=True)
                _Limit.held.__exit__(None, None, None)


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield work(item) in the order of items, on as many threads as this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ThreadPoolExecutor(allowed) as pool:
        yield from pool.map(work, items)
