"""The command that makes slides."""

from pathlib import Path
from typing import Annotated

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
from trends.cli._study import study_of, summary_of


@app.command(
    rich_help_panel=FIND,
    epilog=examples(
        "trends slides                                 the embedded sample",
        "trends slides study -o talk                   a saved study",
        "trends slides papers.parquet --images png -o talk",
    ),
)
def slides(
    inputs: Inputs = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="The folder to write.")
    ] = Path("slides"),
    every: By = Every.auto,
    detail: Detail = None,
    n_topics: NumberOfTopics = None,
    encoder: EncoderName = "minilm",
    exact: Exact = False,
    seed: Seed = 0,
    observed_until: ObservedUntil = None,
    tags: Tags = None,
    title: Title = None,
    watch: Themes = None,
    images: Annotated[
        str,
        typer.Option(metavar="KINDS", help="Images to make of each chart, of png, svg and pdf; or none."),
    ] = "png,svg,pdf",
    deck: Annotated[bool, typer.Option(help="Write the deck, whose charts can be edited.")] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a folder that trends did not make.")
    ] = False,
) -> None:
    """Make slides: one editable deck, and each chart as images and a table.

    INPUT is papers, or one study that `trends report --save` wrote. Images need Chrome or Chromium; without
    one, deck and tables come all the same.
    """
    from trends.slides import refuse, without_images

    refuse(output, force=force)  # before the time of a run is spent
    study = study_of(
        inputs,
        every=every.value,
        encoder=encoder,
        detail=detail,
        n_topics=n_topics,
        exact=exact,
        seed=seed,
        tags=tags,
        observed_until=observed_until,
        title=title,
        watch=watch,
    )
    asked = () if images in ("", "none") else tuple(name.strip() for name in images.split(","))
    path = study.slides(output, title=title, images=asked, deck=deck, force=force)
    note = without_images(path)
    told = "\n".join([summary_of(study), *([note] if note else [])])
    then = f"open {quoted(path / 'deck.pptx')}, or take the charts." if deck else "take the charts."
    finish(path, told=told, then=then)
