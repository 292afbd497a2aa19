"""Commands for a study that goes on: what changed since an earlier one."""

from pathlib import Path
from typing import Annotated

import typer

from trends.cli._app import GO_ON, SOMETHING_TO_READ, app, examples, finish, quoted
from trends.core.errors import InputError


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
