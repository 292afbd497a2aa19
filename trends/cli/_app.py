"""The app that commands are added to, the options they share, and how each says what it wrote."""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from trends import __version__

READ = "Read papers"
FIND = "Find themes and trends"
GO_ON = "Go on with a study"
"""Headings of `trends --help`; give one to a command as its `rich_help_panel`."""

SOMETHING_TO_READ = 10

EXIT_CODES = {
    0: "done",
    1: "a file could not be read or written",
    2: "the input or an option is not usable; the message says what to do",
    3: "a model or package is missing; the message says how to get it",
    SOMETHING_TO_READ: "done, and there is something new to read (update, diff)",
    130: "stopped with Ctrl-C; what was fetched or encoded so far is kept",
}
"""What a script may rely on."""

PURPOSE = """\
Find the themes in a body of research papers and show which of them rise and fall.

Give it exports of your reference manager, a database or a service; it makes one HTML file that opens from
disk and can be mailed. Every paper is accounted for, every number has its interval, and where the papers
are too few to say, it says so. The same input gives the same file.
"""


def block(heading: str, lines: list[str]) -> str:
    """Return lines under a heading, to stand in a help page as they are."""
    # \b keeps the help from filling lines; it ends at the first empty one.
    return "\n".join(["\b", f"{heading}:", *(f"  {line}" for line in lines)])


def examples(*lines: str) -> str:
    """Return the examples at the end of a command's help."""
    return block("Examples", list(lines))


EPILOG = "\n\n".join(
    [
        examples(
            "trends report                            the embedded sample, no network",
            'trends report "pages/*.txt" -o pages.html',
            "trends load library.bib scopus.csv -o papers.parquet",
            "trends health papers.parquet",
            "trends report papers.parquet --every year --save study",
            "trends plot study --chart growth -o growth.html",
            "trends update study new/*.json --report new.html",
            "trends diff study-of-june study-of-july",
        ),
        block(
            "Output",
            [
                "The last line of standard output is the path of the file written.",
                "Progress, warnings and what to do next go to standard error;",
                "progress is shown on terminals only.",
            ],
        ),
        block("Exit codes", [f"{code:<4} {meaning}" for code, meaning in EXIT_CODES.items()]),
        block(
            "Environment",
            [
                "TRENDS_CACHE    where vectors and fetched pages are kept",
                "OPENAI_API_KEY  the key for --name-with",
            ],
        ),
        "`trends COMMAND --help` explains a command.",
    ]
)


class Manual(TyperGroup):
    """A group whose help lists its commands under headings, in the order of use, with whole sentences."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one list of commands per heading."""
        headings: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is None or command.hidden:
                continue
            first = (command.help or "").strip().split("\n\n")[0]
            panel = getattr(command, "rich_help_panel", None)
            headings.setdefault(panel if isinstance(panel, str) else "Commands", []).append(
                (name, " ".join(first.split()))
            )
        for heading, rows in headings.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


app = typer.Typer(
    name="trends",
    cls=Manual,
    help=PURPOSE,
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Every(StrEnum):
    """The periods that papers can be counted by."""

    auto = "auto"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"


Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="Files, globs, folders or archives of papers, - for standard input; none: the embedded sample.",
    ),
]
Table = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="The table to write: .parquet, .jsonl or .csv.")
]
Tags = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A tag vocabulary of your own (TOML), instead of the one shipped."),
]

By = Annotated[Every, typer.Option(help="The period to count by.")]
Detail = Annotated[
    float | None,
    typer.Option(min=0, max=1, metavar="0..1", help="From 0, few broad topics, to 1, many fine ones."),
]
NumberOfTopics = Annotated[
    int | None, typer.Option("--topics", min=1, metavar="N", help="The number of topics, instead of detail.")
]
EncoderName = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="minilm (bundled), lsa (no model), or a sentence-transformers id or folder."
    ),
]
Exact = Annotated[bool, typer.Option("--exact", help="Let the transformer read every paper, not a sample.")]
Seed = Annotated[
    int, typer.Option(min=0, metavar="N", help="Seeds the layout; the same seed, the same output.")
]
ObservedUntil = Annotated[
    str | None,
    typer.Option(
        metavar="DAY", help="The day the papers were collected, YYYY-MM-DD; a period after it is incomplete."
    ),
]
Title = Annotated[str | None, typer.Option(metavar="TEXT", help="The title.")]
Themes = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A YAML file of themes to follow: name, phrases, example papers of each."
    ),
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"trends {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    pass


def finish(path: Path | None, *, told: str = "", then: str = "") -> None:
    """Say what a command found and what to do next, and print the path of its output last of all."""
    if told:
        typer.echo(told, err=True)
    if then:
        typer.echo(f"Next: {then}", err=True)
    if path is not None:
        typer.echo(path)


def quoted(path: str | Path) -> str:
    """Return a path as it can be pasted into a shell."""
    return shlex.quote(str(path))
