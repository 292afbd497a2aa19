"""The only module that makes HTML: a report in, one self-contained page out.

jinja escapes every text. plotly.js and all data travel as gzip in base64 and are unpacked by the browser;
scripts run by their hash under a policy that forbids every request, so a hostile title can neither run nor
call home. The page is written to be read without scripts, and page.js adds charts, search and sorting.
"""

import base64
import gzip
import hashlib
import json
import math
import re
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from trends.core import display
from trends.core.cache import arrays
from trends.core.display import SPARK_PAPERS, STATUS_MARKS, factor
from trends.core.errors import InputError
from trends.core.escape import clean_text, slug
from trends.core.hashing import text_hash
from trends.core.records import SHAKY
from trends.report import _figures
from trends.report._data import clean, data, day, has_cells, link
from trends.report._lives import shortened
from trends.report._report import Report, Section
from trends.report._wording import count, percent

HERE = Path(__file__).parent
NEWEST = 50
"""Papers in the HTML itself, and on each page of the papers table."""

MOST_CELLS = 700
"""A data table longer than this shows its first rows; the CSV holds all."""

HEIGHT = 440
"""Height in px of a chart that names none."""

LARGEST = 20_000_000
"""Bytes of the largest page written; browsers struggle before that."""

SCRIPTS = ("page", "charts", "follow", "tables", "map", "start")
"""The files that make up page.js."""


def page(report: Report, *, plotly_js: str | Path | None = None, abstracts: bool = False) -> str:
    """Return the whole page; see `Report.html`."""
    drawn = [section for section in report.sections if section.figure is not None]
    figure_ids = {section.id: f"fig-{number:02d}" for number, section in enumerate(drawn, start=1)}
    library, library_hash = _library(plotly_js) if drawn else ("", "")
    script = _script()
    scripts = [digest for digest in (library_hash, _csp_hash(script)) if digest]
    papers = report.papers
    text = (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            policy=(
                f"default-src 'none'; script-src {' '.join(scripts)}; style-src 'unsafe-inline'; "
                "img-src data: blob:; base-uri 'none'; form-action 'none'"
            ),
            style=Markup((HERE / "assets" / "page.css").read_text("utf-8")),
            script=Markup(script),
            library=Markup(library),
            data=Markup(_packed(_json(data(report, drawn, figure_ids, abstracts)))),
            provenance=Markup(_embeddable(_json(report.provenance, indent=1))),
            charts={section.id: _chart(section, figure_ids[section.id]) for section in drawn},
            labels={} if report.topics is None else report.topics.to_dict(),
            newest=[] if papers is None else _rows(papers, papers.index[::-1][:NEWEST]),
            corpus_hash=_corpus_hash(report.provenance),
            n_papers=0 if papers is None else len(papers),
            carded=_ids_in(report, "cards"),
            known=set().union(*(_ids_in(report, kind) for kind in ("cards", "topics", "ended"))),
            abstracts=abstracts,
        )
    )
    if len(text.encode()) > LARGEST:
        raise InputError(
            f"The report would be {len(text.encode()) / 1e6:.0f} MB, too large for a browser; "
            "leave out the abstracts or report on fewer papers."
        )
    return text


def _script() -> str:
    """Return the parts of our script, as one function that leaves no names behind."""
    parts = "".join((HERE / "assets" / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    return f'(function () {{\n"use strict";\n{parts}}})();\n'


def summary(report: Report) -> str:
    """Return a short summary without scripts or links, for notebooks."""
    return _environment().get_template("summary.html.j2").render(report=report)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters |= {
        "count": count,
        "percent": percent,
        "growth": _growth_text,
        "cell": _cell,
        "day": day,
        "spark": spark,
        "paragraphs": _paragraphs,
        "mark": STATUS_MARKS.get,
        "slug": slug,
        "tree": _tree,
    }
    environment.globals |= {"NEWEST": NEWEST, "rows_of": _rows, "SPARK_PAPERS": SPARK_PAPERS, "SHAKY": SHAKY}
    environment.globals |= {"has_cells": has_cells, "check_name": _check_name, "shortened": shortened}
    return environment


def _finalize(value: Any) -> Any:
    """Take control characters and lone surrogates out of every text that a template shows."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    # Parts of a sentence keep the space between them.
    before, after = value[:1] == " ", value[-1:] == " "
    return " " * before + clean_text(value) + " " * after


# Texts and cells


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.strip()]


def _cell(value: Any) -> str:
    """Write one value of a table."""
    if (
        value is None
        or value is pd.NaT
        or (isinstance(value, float | np.floating) and not math.isfinite(value))
    ):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{int(value):,}" if abs(int(value)) >= 10_000 else str(int(value))
    if isinstance(value, float | np.floating):
        return f"{value:.4g}" if abs(float(value)) < 1e6 else f"{value:,.0f}"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, tuple | list):
        return ", ".join(_cell(item) for item in value)
    return str(value)


def _check_name(check: Any) -> str:
    """Write the name of a check; what follows a colon is a file or a source and stays as it is."""
    what, colon, which = str(check).partition(":")
    return what.replace("_", " ") + colon + which


def _growth_text(row: Any) -> tuple[str, str]:
    """Write a factor per year and its interval, or nothing where it was not estimated."""
    values = (row.growth, row.growth_low, row.growth_high)
    if not all(math.isfinite(value) for value in values):
        return "", ""
    return f"×{factor(row.growth)}", f"{factor(row.growth_low)} to {factor(row.growth_high)}"


def _tree(value: Any) -> Any:
    """Return a JSON value as (is a group, key, what) rows for the provenance list."""
    if isinstance(value, Mapping):
        pairs = sorted(value.items())
    else:
        pairs = [(str(number), item) for number, item in enumerate(value, start=1)]
    return [(isinstance(item, Mapping | list) and bool(item), key, item) for key, item in pairs]


def spark(row: Any) -> dict[str, str] | None:
    """Return the sparkline of a row with series, complete and totals."""
    return display.spark(row.series, row.complete, row.totals)


# Charts


def _chart(section: Section, figure_id: str) -> dict[str, Any]:
    """Return what the page says of a chart: title, alternative text, caption, data table."""
    meta = _figures.meta(section.figure)
    columns, rows = list(meta.get("columns", [])), [list(row) for row in meta.get("rows", [])]
    fits = max(1, MOST_CELLS // max(1, len(columns)))
    # The table of the map is the papers table.
    shown = [] if section.kind == "map" else rows[:fits]
    title = _figures.title(section.figure)
    return {
        "id": figure_id,
        "title": "" if title == section.title else title,
        "alt": meta.get("alt") or title or section.title,
        "caption": meta.get("caption", ""),
        "columns": columns,
        "rows": shown,
        "numeric": [_numeric(shown, j) for j in range(len(columns))],
        "left_out": 0 if section.kind == "map" else len(rows) - len(shown),
        "csv": bool(rows),
        "height": int(section.figure.layout.height or HEIGHT),
    }


def _numeric(rows: list[list[Any]], column: int) -> bool:
    values = [row[column] for row in rows if row[column] is not None]
    return bool(values) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


# Papers


def _rows(papers: pd.DataFrame, paper_ids: Any) -> list[dict[str, Any]]:
    """Return what the page shows of some papers, in the given order."""
    rows = []
    for row in papers.loc[list(paper_ids)].itertuples():
        rows.append(
            {
                "title": row.title or "(no title)",
                "url": link(str(row.Index), row.url),
                "date": day(row.date, row.date_precision),
                "topic_id": int(row.topic_id),
                "similarity": f"{row.similarity:.2f}" if math.isfinite(row.similarity) else "",
                "venue": row.venue,
                "abstract": row.abstract,
            }
        )
    return rows


def _corpus_hash(provenance: Mapping[str, Any]) -> str:
    """Return the first digits of the corpus' fingerprint, enough to tell two corpora apart."""
    corpus = provenance.get("corpus")
    return str(corpus.get("fingerprint", ""))[:12] if isinstance(corpus, Mapping) else ""


def _ids_in(report: Report, kind: str) -> set[int]:
    """Return the ids of the topics that sections of a kind give a place to link to."""
    return {
        int(topic_id)
        for section in report.sections
        if section.kind == kind and section.table is not None
        for topic_id in section.table.index
    }


# Packing


def _json(value: Any, indent: int | None = None) -> str:
    separators = (",", ": " if indent else ":")
    return json.dumps(
        clean(value) if indent else value,
        ensure_ascii=False,
        sort_keys=True,
        allow_nan=False,
        indent=indent,
        separators=separators,
    )


def _embeddable(text: str) -> str:
    """Make JSON safe inside a script element, whatever its strings hold."""
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _packed(text: str) -> str:
    """Return gzip in base64, equal on every platform with the same zlib: no time, no system in the header."""
    raw = bytearray(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))
    raw[9] = 255
    return base64.b64encode(bytes(raw)).decode("ascii")


def _csp_hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"


@cache
def _wheel_library() -> tuple[str, str]:
    from plotly.offline import get_plotlyjs

    source = get_plotlyjs()

    def pack() -> dict[str, np.ndarray]:
        return {"packed": np.frombuffer(_packed(source).encode("ascii"), dtype=np.uint8)}

    # Packing takes a quarter of a second, as long as drawing two charts.
    kept = arrays("plotly", text_hash(source + zlib.ZLIB_RUNTIME_VERSION), pack)
    return kept["packed"].tobytes().decode("ascii"), _csp_hash(source)


def _library(path: str | Path | None) -> tuple[str, str]:
    """Return plotly.js packed, and its hash; a bundle given by path must be of the installed version."""
    if path is None:
        return _wheel_library()
    from plotly.offline import get_plotlyjs_version

    file = Path(path)
    try:
        source = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"plotly_js: {file.name} cannot be read as text; give a plotly.js bundle."
        ) from error
    found = re.search(r"plotly\.js[^\n]*? v(\d+\.\d+\.\d+)", source[:500])
    wanted = get_plotlyjs_version()
    if not found or found.group(1) != wanted:
        raise InputError(
            f"plotly_js: {file.name} is {'version ' + found.group(1) if found else 'no plotly.js bundle'}, "
            f"but the installed plotly needs version {wanted}; get that bundle or leave plotly_js out."
        )
    return _packed(source), _csp_hash(source)
