"""Commands that go from papers, or from a saved study, to a report or a chart."""

from collections.abc import Callable
from enum import StrEnum
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trends.cli._app import (
    FIND,
    By,
    Detail,
    EncoderName,
    Every,
    Exact,
    Inputs,
    NumberOfTopics,
    ObservedUntil,
    Seed,
    Tags,
    Themes,
    Title,
    app,
    examples,
    finish,
    quoted,
)
from trends.cli._scaled import RunFolder, Scheduler, Workers, by_partitions, scaled_report, told_of
from trends.core.cache import whole_file
from trends.core.errors import InputError
from trends.core.escape import csv_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from trends.study import Study

FLAGS = {"n_topics": "topics", "llm": "name-with"}
"""Options of `run` that the command line calls otherwise."""


def study_of(inputs: list[str] | None, **options: Any) -> "Study":
    """Open the study that a single input is, or make one of the papers; options go to `trends.run`.

    Raises
    ------
    InputError
        A saved study stands beside other inputs, or an option asks for what is already decided in it.
    """
    from trends.study import open as open_study
    from trends.study import run

    if not inputs:
        typer.echo("No input given: this is the embedded sample of 311 papers on sparse methods.", err=True)
    saved = saved_studies(inputs)
    if not saved:
        return run(*inputs or (), **options)
    if len(inputs or ()) > 1:
        raise InputError(f"{saved[0]} is a saved study and must be the only input.")
    usual = {name: option.default for name, option in signature(run).parameters.items()}
    asked = [name for name, value in options.items() if name != "title" and value != usual[name]]
    if asked:
        flag = FLAGS.get(asked[0], asked[0]).replace("_", "-")
        raise InputError(
            f"{saved[0]} is a saved study, in which --{flag} is decided already; "
            f"leave --{flag} out, or give the papers again."
        )
    return open_study(saved[0])


def saved_studies(inputs: list[str] | None) -> list[str]:
    """Return those inputs that are folders of a saved study."""
    from trends.study import MANIFEST

    return [name for name in inputs or () if (Path(name) / MANIFEST).is_file()]


@app.command(
    rich_help_panel=FIND,
    epilog=examples(
        "trends report                                 the embedded sample",
        "trends report library.bib --every year -o library.html",
        "trends report papers.parquet --watch themes.yml --save study",
        "trends report study --abstracts               a saved study",
        "trends report study --compare study-of-june   and what changed since",
        "trends report snapshot/ --workers 4           millions of papers, by partitions",
    ),
)
def report(
    inputs: Inputs = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The HTML file to write.")
    ] = Path("trends.html"),
    every: By = Every.auto,
    detail: Detail = None,
    n_topics: NumberOfTopics = None,
    encoder: EncoderName = "minilm",
    exact: Exact = False,
    seed: Seed = 0,
    observed_until: ObservedUntil = None,
    tags: Tags = None,
    title: Title = None,
    abstracts: Annotated[bool, typer.Option("--abstracts", help="Carry the abstracts in the page.")] = False,
    name_with: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="URL MODEL",
            help="Send titles and terms to this OpenAI-compatible endpoint for labels; key: $OPENAI_API_KEY.",
        ),
    ] = None,
    watch: Themes = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Also save the study as this folder.")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="EARLIER", help="An earlier study (folder) or report: say what changed since."),
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    run_folder: RunFolder = None,
) -> None:
    """Make a trend report: one HTML file that opens offline.

    INPUT is papers, or one study that --save wrote, which is opened and not made anew. Papers that are more
    than memory holds are read by partitions.
    """
    from trends.labels import LLM
    from trends.study import open as open_study

    kept = {"save": save, "watch": watch, "compare": compare}
    if by_partitions(inputs, workers, scheduler, run_folder, kept):
        options = {
            "every": every.value,
            "encoder": encoder,
            "detail": detail,
            "n_topics": n_topics,
            "seed": seed,
            "exact": exact,
            "tags": tags,
            "observed_until": observed_until,
            "title": title,
            "llm": LLM(*name_with) if name_with else None,
        }
        return scaled_report(inputs or [], output, workers, scheduler, run_folder, abstracts, options)

    # A fault in the earlier study must not cost the time of a run.
    earlier = open_study(compare) if compare is not None and not compare.is_file() else compare
    llm = LLM(*name_with) if name_with else None
    study = study_of(
        inputs,
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
    path = study.report(output, title=title, abstracts=abstracts, compare=earlier)
    saved = [str(save)] if save is not None else saved_studies(inputs)
    if saved:
        more = f"the study is kept in {saved[0]}: trends plot {quoted(saved[0])} draws its charts one by one"
    else:
        more = "--save FOLDER would keep the study"
    then = f"open {quoted(output)} in a browser; {more}."
    finish(path, told=summary_of(study), then=then)


def summary_of(study: "Study") -> str:
    """Say in one line what the report holds."""
    return told_of(len(study.papers), study.topics.n_unassigned, study.trends)


class Chart(StrEnum):
    """The charts that can be drawn by themselves."""

    shares = "shares"
    growth = "growth"
    bump = "bump"
    stream = "stream"
    heatmap = "heatmap"
    bursts = "bursts"
    forecast = "forecast"
    map = "map"
    terms = "terms"
    coverage = "coverage"
    hierarchy = "hierarchy"
    similarity = "similarity"


@app.command(
    rich_help_panel=FIND,
    epilog=examples(
        "trends plot study                             shares, in shares.html",
        "trends plot study --chart growth --top 20 -o growth.html",
        "trends plot papers.parquet --chart map -o map.json",
        "trends plot study --chart shares -o shares.csv",
    ),
)
def plot(
    inputs: Inputs = None,
    chart: Annotated[
        Chart, typer.Option(metavar="CHART", help=f"What to draw: {', '.join(Chart)}.")
    ] = Chart.shares,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write: .html (a page), .json (a plotly figure), .csv (the numbers).  "
            "[default: CHART.html]",
        ),
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help="How many topics to draw.")] = None,
    every: By = Every.auto,
) -> None:
    """Draw one chart: an offline page, a plotly figure, or the numbers drawn.

    INPUT is papers, or one study that `trends report --save` wrote.
    """
    target = output or Path(f"{chart.value}.html")
    write = WRITERS.get(target.suffix.lower())
    if write is None:
        raise InputError(f"--output must end in {', '.join(WRITERS)}, not {target.suffix or 'nothing'!r}.")
    study = study_of(inputs, every=every.value)
    figure = _draw(study, chart.value, top)
    write(study, figure, target)
    what = "in a browser" if target.suffix.lower() == ".html" else "in a program of yours"
    finish(target, told=str(figure.layout.meta["alt"]), then=f"open {quoted(target)} {what}.")


def _draw(study: "Study", chart: str, top: int | None) -> "go.Figure":
    """Draw a chart from those tables of the study that its function asks for."""
    from trends import plot as charts

    draw = getattr(charts, chart)
    tables = [
        getattr(study, name) for name in signature(draw).parameters if name in ("papers", "topics", "trends")
    ]
    return draw(*tables, **({} if top is None else {"top": top}))


def _page(study: "Study", figure: "go.Figure", target: Path) -> None:
    from trends.report import Report, Section

    meta = figure.layout.meta
    drawn = {"figure": figure} if figure.data else {"text": meta["alt"]}
    section = Section("chart", str(figure.layout.title.text or meta["id"]), **drawn)
    Report(study.title, (section,), provenance=study.provenance).save(target)


def _json(study: "Study", figure: "go.Figure", target: Path) -> None:
    with whole_file(target) as temporary:
        temporary.write_text(figure.to_json() + "\n", encoding="utf-8")


def _csv(study: "Study", figure: "go.Figure", target: Path) -> None:
    from trends.plot import table

    numbers = table(figure).map(csv_text)
    with whole_file(target) as temporary:
        numbers.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")


WRITERS: dict[str, Callable[["Study", "go.Figure", Path], None]] = {
    ".html": _page,
    ".json": _json,
    ".csv": _csv,
}
"""What is written, by the ending of the output."""
