"""One function over many partitions: here one after the other, or on a Dask cluster, a few ahead."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from trends.core.errors import DependencyError, InputError, TrendsError

AHEAD = 2
"""Partitions handed out per worker: one at work and one to go on with, so that nothing piles up."""

RETRIES = 3
"""Times that a partition is tried anew after an error; one whose worker died is given to another by Dask."""


def each(client: Any, work: Callable[..., None], tasks: Sequence[tuple[Any, ...]], told: str) -> None:
    """Do the work for every task; what it makes it keeps itself, so that a task done twice does no harm.

    Parameters
    ----------
    client
        A `distributed.Client`, or None to do the work here.
    work
        A function that the workers can import.
    tasks
        Its arguments.
    told
        What the bar says that is being done.

    Raises
    ------
    InputError
        A partition took its workers with it, which they mostly do for want of memory.
    """
    from tqdm.auto import tqdm

    with tqdm(total=len(tasks), desc=told, unit="partition", disable=None if tasks else True) as bar:
        if client is None:
            for task in tasks:
                work(*task)
                bar.update()
        else:
            for _ in _on_cluster(client, work, tasks):
                bar.update()


def _on_cluster(client: Any, work: Callable[..., None], tasks: Sequence[tuple[Any, ...]]) -> Iterator[None]:
    from distributed import KilledWorker, as_completed

    left = iter(tasks)

    def started(n: int) -> list[Any]:
        return [client.submit(work, *task, retries=RETRIES, pure=False) for task in islice(left, n)]

    running = as_completed(started(_room(client)))
    n_running = running.count()
    for future in running:
        try:
            future.result()
        except KilledWorker as error:
            raise InputError(
                "A partition was tried on several workers and each of them died, mostly for want of memory; "
                "give the workers more memory, or cut the papers finer with n_partitions."
            ) from error
        except TrendsError:
            raise
        except Exception as error:
            raise InputError(
                f"A partition failed {RETRIES + 1} times ({type(error).__name__}: {error}); "
                "what is finished is kept, so run the same again once the cause is gone."
            ) from error
        future.release()
        n_running -= 1
        # Workers come and go: the cluster's size of now says how many more may wait.
        later = started(max(0, _room(client) - n_running))
        running.update(later)
        n_running += len(later)
        yield


def _room(client: Any) -> int:
    return AHEAD * max(1, len(client.nthreads()))


@contextmanager
def connected(client: Any) -> Iterator[Any]:
    """Give a client: the one given, one of the scheduler at an address, or None for no cluster.

    Raises
    ------
    DependencyError
        An address is given and `distributed` is missing.
    InputError
        No scheduler answers there, or what is given is no client.
    """
    if client is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise DependencyError("A cluster needs Dask: install trends[scale].") from error
    if isinstance(client, Client):
        yield client
        return
    if not isinstance(client, str):
        raise InputError(f"client must be a distributed.Client or an address, not {type(client).__name__}.")
    try:
        made = Client(client, timeout=20)
    except (OSError, ValueError) as error:
        raise InputError(f"No Dask scheduler answers at {client}; check the address.") from error
    with made:
        yield made


@contextmanager
def local_workers(n_workers: int) -> Iterator[Any]:
    """Give a client of so many processes of this machine, of one thread each, that share its memory.

    Raises
    ------
    DependencyError
        `distributed` is missing.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise DependencyError("Workers need Dask: install trends[scale].") from error
    with (
        LocalCluster(
            n_workers=n_workers, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
