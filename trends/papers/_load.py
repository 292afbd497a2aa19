"""From files and tables to one table of papers, with an account of every entry."""

import importlib.resources
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core import tables
from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.hashing import fingerprint
from trends.papers import _columns, _merge, _sources, _tags
from trends.papers._content import Content
from trends.papers._formats import FORMATS
from trends.papers._record import Record, Rejected

SHOWN_REJECTIONS = 20
"""How many refused entries of a file the reading log names; all are counted."""

_SAMPLE = "sparse_papers.jsonl"


def load(
    *sources: str | Path | pd.DataFrame, tags: Mapping[str, Any] | str | Path | None = None
) -> pd.DataFrame:
    """Read papers from files, folders and tables into one table.

    What a file is decides its content, not its name; `.gz` is unpacked. Read are saved Daily Papers pages,
    responses of the Daily Papers API, and tables with a column of titles as JSON Lines, JSON, CSV (comma,
    semicolon, tab or bar) or Parquet, among them what `save` writes. An entry found in several places becomes
    one paper: same arXiv id or DOI, or same title. It keeps the longest abstract, the earliest date (a finer
    date wins over a coarser one that contains it), and all tags and sources. The order of files or rows does
    not matter.

    Parameters
    ----------
    sources
        Paths, patterns ("pages/*.txt"), folders (read with their subfolders; "~" is understood), or
        DataFrames with such columns.
    tags
        The vocabulary that gives tags to papers whose source has none: a mapping from tag to phrases, or the
        path of a TOML or JSON file of that shape; by default the one in `trends/data/tags.toml`.

    Returns
    -------
    pandas.DataFrame
        Index paper_id (`arxiv:...`, `doi:...` or `title:` and a hash), sorted by date (undated last), then
        paper_id. Columns: title, abstract (text, "" when unknown); date (datetime64[us], the first day of the
        time known, NaT when unknown); date_precision (day < month < year < unknown); tags (tuple, lower
        case); authors (tuple); n_authors, upvotes (number, NaN when unknown); venue, url, date_source (text);
        sources (tuple of file names); tag_sources (tuple beside tags: "source" or "text").
        `attrs["reading"]` lists per file: file, sha256, format, n_present, n_read, n_rejected (n_present =
        n_read + n_rejected), rejected (up to 20 of where and reason), note (why a file was not read);
        `attrs["n_loaded"]` is the number of papers.

    Raises
    ------
    InputError
        A path does not exist, nothing readable was found, or a file of a single-file call cannot be used.

    Examples
    --------
    >>> papers = load(pd.DataFrame({"title": ["Sparse Attention at Scale"], "year": [2024]}))
    >>> papers[["title", "date_precision", "tags"]].values.tolist()
    [['Sparse Attention at Scale', 'year', ('sparse-attention',)]]
    """
    if not sources:
        raise InputError(
            "load needs at least one file, folder, pattern or DataFrame; sample() gives example papers."
        )
    for source in sources:
        if not isinstance(source, str | Path | pd.DataFrame):
            raise InputError(f"load reads paths and DataFrames, not {type(source).__name__}.")
    vocabulary = _tags.vocabulary(tags)
    entries: list[_merge.Entry] = []
    log: list[dict[str, Any]] = []
    for given in sources:
        if isinstance(given, pd.DataFrame):
            log.append(_from_table(given, entries))
    for found in _sources.files(source for source in sources if not isinstance(source, pd.DataFrame)):
        log.append(_from_file(found, entries))
    if not entries:
        raise InputError(_nothing(log))
    papers = _merge.table(entries, vocabulary, tag_anew=tags is not None)
    papers.attrs["reading"] = sorted(log, key=lambda line: (line["file"], line["sha256"] or "", line["note"]))
    papers.attrs["n_loaded"] = len(papers)
    return tables.check(papers, tables.PAPERS)


def sample() -> pd.DataFrame:
    """Return the 311 embedded papers on sparsity in machine learning, as `load` would.

    Returns
    -------
    pandas.DataFrame
        Papers of 2009 to 2025 with summaries written for this package, dated to the day, month or year.

    Examples
    --------
    >>> len(sample())
    311
    """
    with importlib.resources.as_file(importlib.resources.files("trends.data") / _SAMPLE) as path:
        return load(path)


def _from_file(found: _sources.Found, entries: list[_merge.Entry]) -> dict[str, Any]:
    """Add a file's entries to the others; return its line of the reading log."""
    name = clean_text(found.path.name)
    if found.passed_over:
        return _line(name, note=found.passed_over)
    try:
        stored = found.path.read_bytes()
    except OSError as error:
        return _line(name, note=f"it cannot be opened: {error.strerror or error}")
    if not stored:
        return _line(name, note="it is empty")
    try:
        content = Content.of(name, stored)
    except InputError as error:
        return _line(name, note=_said(name, error))
    reader = next((known for known in FORMATS if known.recognise(content)), None)
    if reader is None:
        return _line(name, content.sha256, note=_not_understood(content))
    try:
        records = list(reader.read(content))
    except InputError as error:
        return _line(name, content.sha256, note=_said(name, error))
    return _accounted(name, content.sha256, reader.name, records, entries)


def _from_table(given: pd.DataFrame, entries: list[_merge.Entry]) -> dict[str, Any]:
    flat = given.reset_index() if given.index.name in ("paper_id", "id") else given
    flat = flat.loc[:, ~flat.columns.duplicated()]
    known = _columns.fields(flat.columns)
    if "title" not in known:
        raise InputError(
            "The DataFrame has no column of titles; it has "
            f"{', '.join(map(str, given.columns)) or 'no columns'}: rename one to 'title'."
        )
    used = [column for columns in known.values() for column in columns]
    rows = flat[used].astype(object).where(flat[used].notna(), None).to_dict("records")
    records = [_columns.record(f"row {number}", row, known) for number, row in enumerate(rows, start=1)]
    # The rows' hashes are sorted: the same rows in another order are the same input.
    rows = np.sort(pd.util.hash_pandas_object(flat[used].astype(str), index=False).to_numpy())
    return _accounted("DataFrame", fingerprint(used, rows), "table", records, entries)


def _accounted(
    name: str, sha256: str, form: str, records: Iterable[Record | Rejected], entries: list[_merge.Entry]
) -> dict[str, Any]:
    """Clean records into entries; return the line of the reading log that accounts for each."""
    n_read = 0
    rejected: list[Rejected] = []
    for record in records:
        made = record if isinstance(record, Rejected) else _merge.entry(record, name)
        if isinstance(made, Rejected):
            rejected.append(made)
        else:
            entries.append(made)
            n_read += 1
    return _line(name, sha256, form, n_read, rejected, "" if n_read or rejected else "it holds no entries")


def _line(
    name: str,
    sha256: str | None = None,
    form: str | None = None,
    n_read: int = 0,
    rejected: Iterable[Rejected] = (),
    note: str = "",
) -> dict[str, Any]:
    refused = list(rejected)
    return {
        "file": name,
        "sha256": sha256,
        "format": form,
        "n_present": n_read + len(refused),
        "n_read": n_read,
        "n_rejected": len(refused),
        "rejected": [{"where": r.where, "reason": clean_text(r.reason)} for r in refused[:SHOWN_REJECTIONS]],
        "note": note,
    }


def _said(name: str, error: InputError) -> str:
    """Return an error's sentence as part of another one that names the file already."""
    return str(error).replace(f"{name} ", "it ", 1).rstrip(".")


def _not_understood(content: Content) -> str:
    """Say of a file that no format recognises what it seems to be."""
    tried = ", ".join(known.name for known in FORMATS)
    text = content.text
    if text is None:
        return "binary content that is not Parquet; export it as text first"
    start = text.lstrip()[:500]
    if not start:
        return "it holds nothing but white space"
    if content.json is not None:
        if content.json in ([], {}):
            return "an empty JSON list; it holds no entries"
        return f"JSON without entries that have titles; tried: {tried}"
    if start[0] in "{[":
        return f"it looks like JSON and is damaged or nested too deeply; tried: {tried}"
    if start.startswith("<"):
        return "not read yet: HTML or XML; export it as CSV or JSON, or save the page as plain text"
    if start.startswith("@") or "\n@" in start:
        return "not read yet: BibTeX; export it as CSV"
    if start.startswith(("TY  -", "PMID-", "FN ", "%0 ")):
        return "not read yet: a reference manager's tagged text; export it as CSV"
    return f"text of no known format; tried: {tried}"


def _nothing(log: list[dict[str, Any]]) -> str:
    """Say in one sentence why no source gave any paper."""
    if len(log) == 1:
        return f"{log[0]['file']} gives no papers: {_reason(log[0])}."
    shown = "; ".join(f"{line['file']}: {_reason(line)}" for line in log[:5])
    more = f"; and {len(log) - 5} more" if len(log) > 5 else ""
    return f"None of the {len(log)} files gives papers ({shown}{more})."


def _reason(line: dict[str, Any]) -> str:
    if line["note"]:
        return str(line["note"])
    first = line["rejected"][0]
    return f"all {line['n_rejected']} entries are refused, the first at {first['where']}: {first['reason']}"
