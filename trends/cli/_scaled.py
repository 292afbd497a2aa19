"""A report of more papers than memory holds: by partitions, here or on a Dask cluster."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trends.cli._app import finish, quoted
from trends.core.errors import InputError

if TYPE_CHECKING:
    from trends.core.records import Trends

Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Read papers by partitions, by so many processes (trends[scale])."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Read papers by partitions on a Dask cluster, such as tcp://host:8786."
    ),
]
RunFolder = Annotated[
    Path | None,
    typer.Option(
        "--run-folder",
        metavar="FOLDER",
        help="Where partitions are kept, for a run that is cut off to go on with.  [default: in the cache]",
    ),
]


def by_partitions(
    inputs: list[str] | None,
    workers: int | None,
    scheduler: str | None,
    run_folder: Path | None,
    kept: Mapping[str, Any],
) -> bool:
    """Tell whether papers are to be read by partitions: where that is asked for, or memory is too small.

    Raises
    ------
    InputError
        It is asked for beside something that needs all papers in one table, or without papers.
    """
    from trends.core.files import is_address
    from trends.study import MANIFEST

    asked = workers is not None or scheduler is not None or run_folder is not None
    if workers is not None and scheduler is not None:
        raise InputError("Give --workers or --scheduler, not both: workers are of this machine.")
    given = inputs or []
    saved = any((Path(name) / MANIFEST).is_file() for name in given if not is_address(name))
    flags = [name for name, value in kept.items() if value is not None]
    if asked and (saved or not given):
        raise InputError("Partitions are of papers: give files, folders or addresses, and no saved study.")
    if asked and flags:
        raise InputError(
            f"--{flags[0]} needs all papers in one table, and those read by partitions are in none: "
            "leave one of the two out."
        )
    if asked or saved or flags or not given:
        return asked
    from trends.scale import fits

    return not fits(given)


def scaled_report(
    inputs: list[str],
    output: Path,
    workers: int | None,
    scheduler: str | None,
    run_folder: Path | None,
    abstracts: bool,
    options: Mapping[str, Any],
) -> None:
    """Make the report by partitions; options go to `trends.scale.run`."""
    from trends.core import cache
    from trends.core.hashing import fingerprint
    from trends.scale import local_workers, run

    folder = run_folder or cache.folder() / "runs" / fingerprint(*sorted(inputs))[:16]
    if workers is None and scheduler is None and run_folder is None:
        typer.echo("The papers are more than memory holds at once and are read by partitions.", err=True)
    with local_workers(workers) if workers else nullcontext(scheduler) as client:
        scaled = run(inputs, folder, client=client, **options)
    path = scaled.report(output, abstracts=abstracts)
    told = told_of(scaled.whole.n_papers, scaled.whole.n_unassigned, scaled.trends)
    where = f"{scaled.folder.root}/members"
    finish(
        path, told=told, then=f"open {quoted(output)} in a browser; each paper's topic is in {quoted(where)}."
    )


def told_of(n_papers: int, n_unassigned: int, trends: "Trends") -> str:
    """Say in one line what a report holds."""
    n_topics = len(trends.calls)
    counted = f"{n_papers:,} paper{'s' * (n_papers != 1)}"
    if not n_topics:
        return f"{counted}: too few, or too unlike, to form a topic; the report says what it can."
    calls = trends.calls["status"].value_counts().sort_index()
    return (
        f"{counted}, {n_topics} topic{'s' * (n_topics != 1)}, {n_unassigned:,} unassigned; "
        f"by {trends.every}: " + ", ".join(f"{n} {status}" for status, n in calls.items() if n)
    )
