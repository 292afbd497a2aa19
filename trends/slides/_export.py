"""A folder of slides: deck.pptx, figures as images and tables, a manifest; written whole or not at all."""

import hashlib
import json
import warnings
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from trends.core.cache import whole_folder, write_json
from trends.core.errors import DependencyError, InputError
from trends.core.escape import clean_text, csv_text, slug
from trends.core.records import Topics, Trends
from trends.report import findings
from trends.report._standard import facts_of, summary_of
from trends.slides._bytes import day_of
from trends.slides._figures import Chart, charts_of
from trends.slides._images import Wanted, for_deck, images, plain, with_source
from trends.slides._native import native_of
from trends.slides._words import base_name, headline, short, source_line

MANIFEST = "manifest.json"
MADE_BY = "trends slides"
FORMAT = 1
IMAGES = ("png", "svg", "pdf")
SIZE = (1280, 720)


class ImagesWarning(UserWarning):
    """Images are missing; the message says why and what to do."""


def export(
    papers: pd.DataFrame,
    topics: Topics,
    trends: Trends,
    folder: str | Path,
    *,
    title: str,
    followed: Trends | None = None,
    files: Sequence[Mapping[str, Any]] = (),
    fingerprint: str = "",
    images: Collection[str] = IMAGES,
    deck: bool = True,
    force: bool = False,
) -> Path:
    """Write the charts of a corpus as images, tables and one editable deck.

    Parameters
    ----------
    papers, topics, trends
        As a report takes them.
    folder
        Where to write: deck.pptx, figures/NN-name.png, .svg, .pdf and .csv, manifest.json.
    title
        The heading of the deck.
    followed
        What was measured of followed themes, or None.
    files
        What was read: mappings with file, sha256 and n_read.
    fingerprint
        Hash of what the slides are made from.
    images
        Any of "png" (2560 x 1440), "svg" and "pdf"; none starts no browser.
    deck
        Write the deck.
    force
        Replace a folder that trends did not make.

    Returns
    -------
    Path
        The folder.

    Warns
    -----
    ImagesWarning
        No browser was found or an image failed: everything else is there, and the manifest says so too.

    Raises
    ------
    InputError
        The folder was not made by trends, or an image format is unknown.
    DependencyError
        A package is missing, or images alone are asked for and there is no browser.
    """
    folder = Path(folder)
    asked = _formats(images)
    refuse(folder, force=force)
    _needs(deck, asked)
    charts, missing = charts_of(papers, topics, trends, followed)
    names = [f"{at:02d}-{slug(chart.name)}" for at, chart in enumerate(charts, start=1)]
    source = source_line(papers, trends, files, fingerprint)
    day = day_of(papers)
    made, note = _draw(charts, names, asked, deck, source, trends.every, day)
    if note and not deck and not any(key.startswith("figures/") for key in made):
        raise DependencyError(note)
    outputs = {f"figures/{name}.csv": csv_of(chart.table) for name, chart in zip(names, charts)}
    outputs |= {key: content for key, content in made.items() if key.startswith("figures/")}
    if deck:
        from trends.slides._deck import Story
        from trends.slides._deck import deck as make

        found = findings(papers, topics, trends)
        story = Story(
            title=title, summary=summary_of(papers, topics, trends), facts=facts_of(papers, topics, trends),
            headline=headline(trends),
            # The headline says what the finding "none" says.
            findings=[short(finding) for finding in found if finding.kind != "none"],
            told=[finding.text for finding in found], missing=missing, source=source, every=trends.every,
            day=day,
        )  # fmt: skip
        pictures = {name: made[f"deck/{name}"] for name in (c.name for c in charts) if f"deck/{name}" in made}
        outputs["deck.pptx"] = make(story, charts, [f"figures/{name}.csv" for name in names], pictures)
    manifest = {
        "format": FORMAT,
        "made_by": MADE_BY,
        "version": version("trends"),
        "title": clean_text(title),
        "fingerprint": clean_text(fingerprint),
        "files": [
            {
                "file": base_name(str(entry.get("file", ""))),
                "sha256": entry.get("sha256"),
                "n_read": entry.get("n_read"),
            }
            for entry in files
        ],
        "not_drawn": missing,
        "note": note,
        "outputs": {name: hashlib.sha256(content).hexdigest() for name, content in outputs.items()},
    }
    with whole_folder(folder) as temporary:
        (temporary / "figures").mkdir()
        for name, content in outputs.items():
            (temporary / name).write_bytes(content)
        write_json(temporary / MANIFEST, manifest)
    if note:
        warnings.warn(note, ImagesWarning, stacklevel=2)
    return folder


def without_images(folder: Path) -> str:
    """Return why images are missing in a folder of slides; "" where none is."""
    return str(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["note"])


def refuse(folder: Path, *, force: bool = False) -> None:
    """Refuse a folder that holds something else than slides made by trends.

    Raises
    ------
    InputError
        It does, or it is a file; with `force` only the working folder, what holds it, and the home folder
        are refused.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir():
        raise InputError(f"{folder} is a file; give the name of a folder for the slides.")
    if _ours(folder):
        return
    held = folder.resolve()
    if not force:
        raise InputError(
            f"{folder} exists and was not made by trends slides; give another folder, or force to replace it."
        )
    if held in (Path.cwd(), *Path.cwd().parents, Path.home(), *Path.home().parents):
        raise InputError(f"{folder} holds more than slides and is never replaced; give another folder.")


def _ours(folder: Path) -> bool:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["made_by"] == MADE_BY
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _formats(asked: Collection[str]) -> tuple[str, ...]:
    """Return the formats in their usual order."""
    unknown = [name for name in asked if name not in IMAGES] if not isinstance(asked, str) else [asked]
    if unknown:
        raise InputError(f"images must be some of {', '.join(IMAGES)}, not {unknown[0]!r}.")
    return tuple(name for name in IMAGES if name in asked)


def _needs(deck: bool, asked: tuple[str, ...]) -> None:
    """Refuse before the work what would fail after it."""
    absent = [
        name for module, name in (("pptx", "python-pptx"), ("kaleido", "kaleido"))
        if (deck if module == "pptx" else asked) and find_spec(module) is None
    ]  # fmt: skip
    if absent:
        raise DependencyError(f"Slides need {' and '.join(absent)}: pip install 'trends[slides]'.")
    if not deck and not asked:
        raise InputError("Nothing to write: ask for a deck, for images, or for both.")


def _draw(
    charts: Sequence[Chart], names: Sequence[str], asked: tuple[str, ...], deck: bool, source: str,
    every: str, day: Any,
) -> tuple[dict[str, bytes], str]:  # fmt: skip
    """Make the images of the figures and, for the deck, those of charts without an editable form."""
    if not asked:
        return {}, ""
    wanted = []
    for chart, name in zip(charts, names):
        figure = plain(chart.figure)
        sourced = with_source(chart.name, figure, source)
        wanted += [Wanted(f"figures/{name}.{kind}", sourced, kind, *SIZE) for kind in asked]
        if deck and chart.name != "terms" and native_of(chart, every) is None:
            wanted.append(Wanted(f"deck/{chart.name}", for_deck(chart.name, figure), "png", *SIZE))
    return images(wanted, day)


def csv_of(table: pd.DataFrame) -> bytes:
    """Return a table as CSV in UTF-8, whose text no spreadsheet takes for a formula."""
    safe = table.rename(columns=lambda name: str(csv_text(str(name)))).map(csv_text)
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8")
