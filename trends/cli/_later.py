"""Commands for a study that goes on: later papers, and what changed since an earlier one."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from trends.cli._app import GO_ON, SOMETHING_TO_READ, ObservedUntil, Tags, app, examples, finish, quoted
from trends.cli._study import summary_of
from trends.core.errors import InputError


class Refit(StrEnum):
    """What to do where later papers no longer fit the topics."""

    propose = "propose"
    auto = "auto"
    never = "never"


@app.command(
    rich_help_panel=GO_ON,
    epilog=examples(
        "trends update study new/*.json",
        "trends update study this-week.parquet --refit auto --report report.html",
    ),
)
def update(
    run: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder, as --save wrote it.")],
    new: Annotated[list[str], typer.Argument(metavar="NEW", help="The later papers, as for report.")],
    refit: Annotated[
        Refit,
        typer.Option(help="Say whether to find the topics anew, do it where it is due, or leave them."),
    ] = Refit.propose,
    observed_until: ObservedUntil = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the report to this HTML file.")
    ] = None,
    tags: Tags = None,
    wait: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="How long to wait while another process has the study."),
    ] = 60.0,
) -> None:
    """Add later papers to a saved study; topics keep their ids and names.

    Exit code 0: nothing new, 10: there is something to read.
    """
    from trends.study import before_and_after, taken_in

    options: dict[str, Any] = {
        "refit": refit.value,
        "observed_until": observed_until,
        "tags": tags,
        "wait": wait,
    }
    before = None
    if report is None:
        after, n_before = taken_in(run, *new, **options)
    else:
        before, after = before_and_after(run, *new, **options)
        n_before = -1 if after is before else len(before.papers)
    n_papers = len(after.topics.members)
    if n_before < 0:
        finish(run, told=f"Nothing new: the study has these papers already ({n_papers:,}).")
        return
    n_new = n_papers - n_before
    told = f"{n_new:,} more paper{'s' * (n_new != 1)}. {after.drift.verdict}\n{summary_of(after)}"
    if report is None:
        finish(run, told=told, then=f"trends report {quoted(run)} writes the page.")
    else:
        finish(after.report(report, compare=before), told=told, then=f"open {quoted(report)} in a browser.")
    raise typer.Exit(SOMETHING_TO_READ)


@app.command(
    rich_help_panel=GO_ON,
    epilog=examples(
        "trends diff studies/june studies/july",
        "trends diff june.html studies/july --json > changes.json",
    ),
)
def diff(
    earlier: Annotated[
        Path,
        typer.Argument(
            metavar="EARLIER", help="The earlier study (a folder that --save wrote), or its report."
        ),
    ],
    later: Annotated[Path, typer.Argument(metavar="LATER", help="The later study, a folder.")],
    markdown: Annotated[
        bool, typer.Option("--markdown", help="A short text for a mail or a chat message (the default).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All tables as JSON.")] = False,
) -> None:
    """Say what changed from one study to another, on standard output.

    Exit code 0: nothing changed, 10: there is something to read.
    """
    from trends.study import open as open_study

    if markdown and as_json:
        raise InputError("--markdown and --json exclude each other; give one of them.")
    found = open_study(later).diff(earlier)
    typer.echo(found.json() if as_json else found.text, nl=False)
    finish(None, then=f"trends report {quoted(later)} --compare {quoted(earlier)} shows it in a page.")
    if not found.nothing_changed:
        raise typer.Exit(SOMETHING_TO_READ)
