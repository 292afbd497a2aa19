"""The command `trends`: flags in, the rooms' functions called, files out.

Exit codes: 0 done; 1 a file could not be written or read; 2 the input or an option is not usable;
3 a model or package is missing; 10 `update` found something new to read; 130 stopped with Ctrl-C.
"""

import sys
import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trends import __version__
from trends.core.errors import DependencyError, InputError, TrendsError

if TYPE_CHECKING:
    import pandas as pd

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
        metavar="[INPUT]...",
        help="Files, globs, folders or archives of papers, - for standard input; none: the embedded sample.",
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
        float | None,
        typer.Option(min=0, max=1, help="From 0, few broad topics, to 1, many fine ones."),
    ] = None,
    n_topics: Annotated[
        int | None, typer.Option("--topics", min=1, help="The number of topics, instead of detail.")
    ] = None,
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
    name_with: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="URL MODEL",
            help="Send titles and terms to this OpenAI-compatible endpoint for labels; key: $OPENAI_API_KEY.",
        ),
    ] = None,
    watch: Annotated[
        Path | None,
        typer.Option(help="A YAML file of themes to follow: name, phrases, example papers of each."),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Also save the study as this folder.")] = None,
) -> None:
    """Make a trend report: one HTML file that opens offline."""
    from trends.labels import LLM
    from trends.study import run

    llm = LLM(*name_with) if name_with else None
    if not inputs:
        typer.echo("No input given: this is the embedded sample of 311 papers on sparse methods.", err=True)
    study = run(
        *inputs or (),
        every=every.value,
        encoder=encoder,
        detail=detail,
        n_topics=n_topics,
        seed=seed,
        exact=exact,
        tags=tags,
        observed_until=observed_until,
        title=title,
        llm=llm,
        watch=watch,
    )
    if llm is not None:
        typer.echo(study.topics.parameters["labels"]["note"], err=True)
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
    synonyms: Annotated[
        Path | None, typer.Option(help="A TOML or JSON file of tags that mean the same.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Which column means what, as FIELD=COLUMN: title=Name; may be repeated."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Keep papers from this day, month or year on: 2024-03.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Keep papers up to this day, month or year.")] = None,
    tagged: Annotated[
        list[str] | None, typer.Option(help="Keep papers that their source gave this tag: cs.LG.")
    ] = None,
) -> None:
    """Read papers from files of many kinds into one clean table; "-" is standard input."""
    from trends.papers import load as load_papers
    from trends.papers import sample as sample_papers
    from trends.papers import save

    if not inputs:
        papers = sample_papers()
    else:
        papers = load_papers(
            *inputs,
            tags=tags,
            synonyms=synonyms,
            columns=_columns(column or []),
            since=since,
            until=until,
            tagged=tagged,
        )
    save(papers, output)
    typer.echo(_account(papers), err=True)
    typer.echo(f"For what is missing: trends health {output}; for a report: trends report {output}", err=True)
    typer.echo(output)


def _columns(given: list[str]) -> dict[str, str]:
    columns = dict(text.split("=", 1) for text in given if "=" in text)
    if len(columns) < len(given):
        raise InputError("--column takes FIELD=COLUMN, each field once: --column title=Name.")
    return columns


def _account(papers: "pd.DataFrame") -> str:
    """Say what became of every entry."""
    log = papers.attrs["reading"]
    present, read, refused = (sum(line[n] for line in log) for n in ("n_present", "n_read", "n_rejected"))
    told = f"{len(papers):,} papers from {present:,} entries: "
    told += f"{read - len(papers):,} merged, {refused:,} rejected"
    if passed := present - read - refused:
        told += f", {passed:,} not asked for"
    unread = [line["file"] for line in log if line["note"]]
    if unread:
        told += f"; {len(unread)} file{'s' * (len(unread) != 1)} not read ({', '.join(unread[:3])}"
        told += ", ...)" if len(unread) > 3 else ")"
    return told + "."


@app.command()
def complete(
    papers: Annotated[Path, typer.Argument(help="The papers to complete: a file as load reads it.")],
    reference: Annotated[
        list[str],
        typer.Option("--from", help="Files to take values from, or arxiv, openalex or s2; may be repeated."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The table to write: .parquet, .jsonl or .csv.")
    ] = Path("papers.parquet"),
    similarity: Annotated[
        float, typer.Option(min=0, max=1, help="How alike two titles of one paper are at least.")
    ] = 0.85,
) -> None:
    """Fill missing dates, abstracts and ids from a reference; what is there is never overwritten."""
    from trends.papers import complete as complete_papers
    from trends.papers import load as load_papers
    from trends.papers import save

    completed = complete_papers(
        load_papers(papers), reference[0] if len(reference) == 1 else reference, similarity=similarity
    )
    save(completed, output)
    n_undated = int(completed["date"].isna().sum())
    n_completed = int(completed["completed"].map(len).gt(0).sum())
    typer.echo(f"{n_completed:,} of {len(completed):,} papers completed; {n_undated:,} undated.", err=True)
    typer.echo(output)


class Source(StrEnum):
    """The services that papers can be fetched from."""

    hf = "hf"
    arxiv = "arxiv"
    openalex = "openalex"
    s2 = "s2"


@app.command()
def fetch(
    source: Annotated[
        Source, typer.Argument(help="hf (Daily Papers), arxiv, openalex or s2 (Semantic Scholar).")
    ],
    query: Annotated[
        str, typer.Argument(help="What to search for, in the service's own language; none for hf.")
    ] = "",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The table to write: .parquet, .jsonl or .csv.")
    ] = Path("papers.parquet"),
    since: Annotated[str | None, typer.Option("--from", help="The first day, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="The last day, YYYY-MM-DD.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many entries.")] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Read what is in the cache, ask nothing.")
    ] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask for everything again.")] = False,
    tags: Tags = None,
) -> None:
    """Fetch papers from a service into one clean table; run again after a stop, it goes on from there."""
    from trends.papers import fetch as fetch_papers
    from trends.papers import save

    papers = fetch_papers(
        source.value,
        query,
        since=since,
        until=until,
        limit=limit,
        tags=tags,
        offline=offline,
        refresh=refresh,
    )
    save(papers, output)
    told = papers.attrs["fetch"]
    if told["missing"]:
        typer.echo(f"Warning: not complete: {told['missing']}.", err=True)
    if not told["n_asked"]:
        as_of = f", as of {told['as_of'][:10]}" if told["as_of"] else ""
        typer.echo(f"All from the cache{as_of}; --refresh asks anew.", err=True)
    typer.echo(f"{len(papers):,} papers; for a report of them: trends report {output}", err=True)
    typer.echo(output)


@app.command()
def health(inputs: Inputs = None) -> None:
    """Say what was read, merged and rejected, and what is missing."""
    from trends.papers import health as papers_health
    from trends.papers import load as load_papers
    from trends.papers import sample as sample_papers

    papers = load_papers(*inputs) if inputs else sample_papers()
    for check, row in papers_health(papers).table.iterrows():
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


class Refit(StrEnum):
    """What to do where later papers no longer fit the topics."""

    propose = "propose"
    auto = "auto"
    never = "never"


@app.command()
def update(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The study's folder, as --save wrote it.")],
    new: Annotated[list[str], typer.Argument(metavar="NEW...", help="The later papers, as for report.")],
    refit: Annotated[
        Refit,
        typer.Option(help="Say whether to find the topics anew, do it where it is due, or leave them."),
    ] = Refit.propose,
    observed_until: Annotated[
        str | None, typer.Option(help="The day the papers were collected, YYYY-MM-DD.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Also write the report to this HTML file.")] = None,
    tags: Tags = None,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait while another process uses the study.")
    ] = 60.0,
) -> None:
    """Add later papers to a saved study; exit code 0: nothing new, 10: there is something to read."""
    from trends.study import before_and_after

    before, after = before_and_after(
        run, *new, refit=refit.value, observed_until=observed_until, tags=tags, wait=wait
    )
    if after is before:
        typer.echo(f"Nothing new: the study has these papers already ({len(after.papers):,}).", err=True)
        return
    n_new = len(after.papers) - len(before.papers)
    typer.echo(f"{n_new:,} more paper{'s' * (n_new != 1)}. {after.drift.verdict}", err=True)
    typer.echo(_summary(after), err=True)
    typer.echo(after.report(report) if report is not None else run)
    raise typer.Exit(10)


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
        _stop("Stopped; what was fetched or encoded so far is kept for the next run.", 130)


def _stop(sentence: str, code: int) -> None:
    typer.echo(f"Error: {sentence}", err=True)
    sys.exit(code)
