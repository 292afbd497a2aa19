"""The command `trends`: flags in, the rooms' functions called, files out.

Exit codes: 0 done; 1 a file could not be written or read; 2 the input or an option is not usable;
3 a model or package is missing; 130 stopped with Ctrl-C.
"""

import sys
import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trends import __version__
from trends.core.errors import DependencyError, TrendsError

if TYPE_CHECKING:
    from trends.study import Study

app = typer.Typer(
    name="trends",
    help="Find the themes in a body of research papers and show which of them rise and fall.",
    epilog="Start with: trends report    (the embedded sample of 311 papers, no network needed)",
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
        metavar="[INPUT]...", help="Files, globs or folders of papers. None: the embedded sample."
    ),
]
Tags = Annotated[
    Path | None, typer.Option(help="A tag vocabulary of your own (TOML), instead of the one shipped.")
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


@app.command()
def report(
    inputs: Inputs = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file to write.")] = Path(
        "trends.html"
    ),
    every: Annotated[Every, typer.Option(help="The period to count by.")] = Every.auto,
    detail: Annotated[
        float, typer.Option(min=0, max=1, help="From 0, few broad topics, to 1, many fine ones.")
    ] = 0.5,
    encoder: Annotated[
        str, typer.Option(help="minilm (bundled), lsa (no model), or a sentence-transformers id or folder.")
    ] = "minilm",
    exact: Annotated[
        bool, typer.Option("--exact", help="Let the transformer read every paper, not a sample.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seeds the layout; the same seed, the same report.")] = 0,
    observed_until: Annotated[
        str | None,
        typer.Option(help="The day the papers were collected, YYYY-MM-DD; a period after it is incomplete."),
    ] = None,
    tags: Tags = None,
    title: Annotated[str | None, typer.Option(help="The title of the report.")] = None,
    abstracts: Annotated[bool, typer.Option("--abstracts", help="Carry the abstracts in the page.")] = False,
    save: Annotated[Path | None, typer.Option(help="Also save the study as this folder.")] = None,
) -> None:
    """Make a trend report: one HTML file that opens offline."""
    from trends.study import run

    if not inputs:
        typer.echo("No input given: this is the embedded sample of 311 papers on sparse methods.", err=True)
    study = run(
        *inputs or (),
        every=every.value,
        encoder=encoder,
        detail=detail,
        seed=seed,
        exact=exact,
        tags=tags,
        observed_until=observed_until,
        title=title,
    )
    if save is not None:
        study.save(save)
        typer.echo(f"Study saved; open it with trends.open({str(save)!r}).", err=True)
    path = study.report(output, abstracts=abstracts)
    typer.echo(_summary(study), err=True)
    typer.echo(path)


def _summary(study: "Study") -> str:
    """Say in one line what the report holds."""
    n_papers, n_topics = len(study.papers), len(study.topics.table)
    counted = f"{n_papers:,} paper{'s' * (n_papers != 1)}"
    if not n_topics:
        return f"{counted}: too few, or too unlike, to form a topic; the report says what it can."
    calls = study.trends.calls["status"].value_counts().sort_index()
    return (
        f"{counted}, {n_topics} topic{'s' * (n_topics != 1)}, {study.topics.n_unassigned:,} unassigned; "
        f"by {study.counts.every}: " + ", ".join(f"{n} {status}" for status, n in calls.items() if n)
    )


@app.command()
def load(
    inputs: Inputs = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The table to write: .parquet, .jsonl or .csv.")
    ] = Path("papers.parquet"),
    tags: Tags = None,
) -> None:
    """Read papers into one clean table."""
    from trends.papers import load as load_papers
    from trends.papers import sample as sample_papers
    from trends.papers import save

    papers = load_papers(*inputs, tags=tags) if inputs else sample_papers()
    save(papers, output)
    typer.echo(f"{len(papers):,} papers.", err=True)
    typer.echo(output)


@app.command()
def health(inputs: Inputs = None) -> None:
    """Say what was read, merged and rejected, and what is missing."""
    from trends.papers import health as papers_health
    from trends.papers import load as load_papers
    from trends.papers import sample as sample_papers

    papers = load_papers(*inputs) if inputs else sample_papers()
    for check, row in papers_health(papers).iterrows():
        share = "" if row["share"] != row["share"] else f"{row['share']:7.1%}"
        typer.echo(f"{check!s:<28} {row['n_papers']:>8,} {share:>8}  {row['note']}".rstrip())


@app.command()
def sample(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The table to write: .parquet, .jsonl or .csv.")
    ] = Path("sparse_papers.jsonl"),
) -> None:
    """Write the embedded sample as a table to start from."""
    from trends.papers import sample as sample_papers
    from trends.papers import save

    save(sample_papers(), output)
    typer.echo(output)


def main() -> None:
    """Run the command line; every foreseen failure is one sentence and an exit code, never a traceback."""
    warnings.simplefilter("ignore")  # other packages' notices say nothing to the reader of a report
    try:
        app()
    except DependencyError as error:
        _stop(str(error), 3)
    except TrendsError as error:
        _stop(str(error), 2)
    except OSError as error:
        name = f": {error.filename}" if error.filename else ""
        _stop(f"{error.strerror or type(error).__name__}{name}", 1)
    except KeyboardInterrupt:
        _stop("Stopped; what was encoded so far is kept for the next run.", 130)


def _stop(sentence: str, code: int) -> None:
    typer.echo(f"Error: {sentence}", err=True)
    sys.exit(code)
