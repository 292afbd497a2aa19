"""Commands that read papers from somewhere into one clean table."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trends.cli._app import READ, Inputs, Table, Tags, app, examples, finish, quoted
from trends.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@app.command(
    rich_help_panel=READ,
    epilog=examples(
        "trends sample -o sample.jsonl",
        "trends report sample.jsonl",
    ),
)
def sample(
    output: Table = Path("sparse_papers.jsonl"),
) -> None:
    """Write the embedded sample as a table to start from."""
    from trends.papers import sample as sample_papers
    from trends.papers import save

    papers = sample_papers()
    save(papers, output)
    finish(output, told=f"{len(papers):,} papers.", then=f"trends report {quoted(output)}")


@app.command(
    rich_help_panel=READ,
    epilog=examples(
        "trends load library.bib scopus.csv -o papers.parquet",
        'trends load "exports/*.ris" --since 2020 --tagged cs.LG',
        "trends load list.csv --column title=Name --column date=Issued",
        "curl -s URL | trends load - -o papers.jsonl",
    ),
)
def load(
    inputs: Inputs = None,
    output: Table = Path("papers.parquet"),
    tags: Tags = None,
    synonyms: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A TOML or JSON file of tags that mean the same.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=COLUMN", help="Which column means what, such as title=Name; may be repeated."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Keep papers from this day, month or year on: 2024-03.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Keep papers up to this day, month or year.")
    ] = None,
    tagged: Annotated[
        list[str] | None,
        typer.Option(metavar="TAG", help="Keep papers that their source gave this tag: cs.LG."),
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
    name = quoted(output)
    finish(
        output,
        told=_account(papers),
        then=f"trends health {name} for what is missing, trends report {name} for a report",
    )


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


class Source(StrEnum):
    """The services that papers can be fetched from."""

    hf = "hf"
    arxiv = "arxiv"
    openalex = "openalex"
    s2 = "s2"


@app.command(
    rich_help_panel=READ,
    epilog=examples(
        "trends fetch hf --from 2025-01-01 --to 2025-12-31",
        'trends fetch arxiv "cat:cs.CL AND abs:sparse" --limit 2000',
        'trends fetch openalex "sparse attention" --from 2020-01-01',
        "trends fetch hf --from 2025-01-01 --offline",
    ),
)
def fetch(
    source: Annotated[
        Source,
        typer.Argument(metavar="SOURCE", help="hf (Daily Papers), arxiv, openalex or s2 (Semantic Scholar)."),
    ],
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="What to search for, in the service's own language; none for hf."
        ),
    ] = "",
    output: Table = Path("papers.parquet"),
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day, YYYY-MM-DD.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="The last day, YYYY-MM-DD.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="At most this many entries.")] = None,
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
    finish(output, told=f"{len(papers):,} papers.", then=f"trends report {quoted(output)}")


@app.command(
    rich_help_panel=READ,
    epilog=examples(
        "trends health papers.parquet",
        "trends health library.bib scopus.csv",
    ),
)
def health(inputs: Inputs = None) -> None:
    """Say what was read, merged and rejected, and what is missing."""
    from trends.papers import health as papers_health
    from trends.papers import load as load_papers
    from trends.papers import sample as sample_papers

    papers = load_papers(*inputs) if inputs else sample_papers()
    checks = papers_health(papers).table
    width = max(map(len, checks.index))
    typer.echo(f"{'check':<{width}}  {'papers':>9}  {'share':>6}  note".rstrip())
    for check, row in checks.iterrows():
        share = "" if row["share"] != row["share"] else f"{row['share']:.1%}"
        typer.echo(f"{check!s:<{width}}  {row['n_papers']:>9,}  {share:>6}  {row['note']}".rstrip())
    finish(None, then=_cure(checks["n_papers"], inputs or []))


def _cure(numbers: "pd.Series", inputs: list[str]) -> str:
    """Say what to do about the papers as they are."""
    given = " ".join(map(quoted, inputs))
    lacking = {name: int(numbers.get(name, 0)) for name in ("undated", "without abstract")}
    many = [name for name, n_papers in lacking.items() if n_papers > numbers["papers"] / 10]
    if not many:
        return f"trends report {given}".rstrip()
    file = given if len(inputs) == 1 else "FILE"
    return (
        f"{' and '.join(f'{lacking[name]:,} papers are {name}' for name in many)}: "
        f"trends complete {file} --from openalex (or a file) fills what it can, then trends report"
    )


@app.command(
    rich_help_panel=READ,
    epilog=examples(
        "trends complete scopus.csv --from library.bib -o papers.parquet",
        "trends complete papers.parquet --from openalex -o completed.parquet",
    ),
)
def complete(
    papers: Annotated[
        Path, typer.Argument(metavar="PAPERS", help="The papers to complete: a file as load reads it.")
    ],
    reference: Annotated[
        list[str],
        typer.Option(
            "--from",
            metavar="REFERENCE",
            help="Files to take values from, or arxiv, openalex or s2; may be repeated.",
        ),
    ],
    output: Table = Path("papers.parquet"),
    similarity: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="0..1", help="How alike two titles of one paper are at least."),
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
    finish(
        output,
        told=f"{n_completed:,} of {len(completed):,} papers completed; {n_undated:,} undated.",
        then=f"trends report {quoted(output)}",
    )
