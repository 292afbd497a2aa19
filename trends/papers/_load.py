"""From files and tables to one table of papers, with an account of every entry."""

import contextlib
import importlib.resources
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core import tables
from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.hashing import fingerprint
from trends.papers import _archives, _cells, _columns, _merge, _sources, _synonyms, _tags, _wanted
from trends.papers._content import Bomb, Content, too_large
from trends.papers._formats import FORMATS
from trends.papers._record import Record, Rejected

SHOWN_REJECTIONS = 20
"""How many refused entries of a file the reading log names; all are counted."""

NO_ENTRIES = "it holds no entries"

_SAMPLE = "sparse_papers.jsonl"
_STDIN = "-"
_FEW_FILES = 20


def load(
    *sources: str | Path | pd.DataFrame,
    tags: Mapping[str, Any] | str | Path | None = None,
    synonyms: Mapping[str, Any] | str | Path | None = None,
    columns: Mapping[str, Any] | None = None,
    since: Any = None,
    until: Any = None,
    tagged: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Read papers from files, folders, archives and tables into one table.

    What a file is decides its content, not its name. Read are exports of reference managers and databases
    (BibTeX, RIS, MEDLINE, Web of Science, EndNote, RefWorks, CSL-JSON, Zotero, Ovid, Cochrane), answers and
    snapshots of services (arXiv, OpenAlex, Semantic Scholar, PubMed, Scopus, IEEE, bioRxiv, OpenReview,
    Daily Papers) and tables with a column of titles (CSV, Excel, JSON, JSON Lines, Parquet); `.gz`, `.bz2`,
    `.xz` and `.zip` are unpacked on the way. An entry found in several places becomes one paper: same arXiv
    id or DOI, or same title with no author, id or DOI that speaks against it. It keeps the longest abstract,
    the earliest date (a finer date wins over a coarser one that contains it), and all tags and sources. The
    order of files or rows does not matter.

    Parameters
    ----------
    sources
        Paths, patterns (`pages/*.txt`), folders (read with their subfolders; "~" is understood), "-" for
        standard input, or DataFrames with such columns.
    tags
        The vocabulary that gives tags to papers whose source has none: a mapping from tag to phrases, or the
        path of a TOML or JSON file of that shape; by default the one in `trends/data/tags.toml`.
    synonyms
        Tags that mean the same, as a mapping from the name to show to other names, or the path of such a
        file; by default `trends/data/synonyms.toml`. Case, hyphens and plurals are joined without it.
    columns
        Which column of a table means what, where the guess is wrong: {"title": "Name", "date": "Issued"}; a
        list of columns for tags or authors takes all of them. A name that no table has is an error.
    since, until
        Keep only entries dated within these ("2024", "2024-03", "2024-03-15" or a date; both inclusive). An
        entry known by year is kept where any day of its year lies within; undated entries are left out.
    tagged
        Keep only entries that their source gave this tag, or one of these ("cs.LG").

    Returns
    -------
    pandas.DataFrame
        Index paper_id (`arxiv:...`, `doi:...` or `title:` and a hash), sorted by date (undated last), then
        paper_id. Columns: title, abstract (text, "" when unknown); date (datetime64[us], the first day of the
        time known, NaT when unknown); date_precision (day < month < year < unknown); tags (tuple,
        joined under one spelling); authors (tuple); n_authors, upvotes (number, NaN when unknown); venue,
        url, date_source, arxiv_id, doi, language (text); date_note (text: what was decided of an odd date,
        or why it is none); sources (tuple of file names); found_at (tuple: file and place of each entry);
        tag_sources (tuple beside tags: "source" or "text").
        `attrs["reading"]` lists per file: file, sha256, format, n_present, n_read, n_rejected, n_passed (not
        within since, until and tagged; n_present = n_read + n_rejected + n_passed), rejected (up to 20 of
        where and reason), note (why a file was not read); `attrs["n_loaded"]` is the number of papers.

    Raises
    ------
    InputError
        A path does not exist, nothing readable was found, a file of a single-file call cannot be used, or a
        parameter is not as above.

    Notes
    -----
    Memory: at most 2 kB beside the text for each entry that is kept, and for a file that is read as a whole
    (one JSON value, BibTeX, Excel; at most 512 MiB) thirty times its size at worst, three to five usually.

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
    check_sources(sources)
    vocabulary = _tags.vocabulary(tags)
    names = _synonyms.synonyms(synonyms)
    named = _columns.given(columns)
    wanted = _wanted.Wanted.of(since, until, tagged)
    entries, log = entries_of(sources, named, wanted)
    papers = _merge.table(entries, vocabulary, names, tag_anew=tags is not None)
    papers.attrs["reading"] = sorted(log, key=lambda line: (line["file"], line["sha256"] or "", line["note"]))
    papers.attrs["n_loaded"] = len(papers)
    return tables.check(papers, tables.PAPERS)


def check_sources(sources: Iterable[Any]) -> None:
    """Refuse what is neither a path nor a table."""
    for source in sources:
        if not isinstance(source, str | Path | pd.DataFrame):
            raise InputError(f"load reads paths and DataFrames, not {type(source).__name__}.")


def entries_of(
    sources: Iterable[Any], named: _columns.Given, wanted: _wanted.Wanted
) -> tuple[list[_merge.Entry], list[dict[str, Any]]]:
    """Return the cleaned entries of sources, and the line of the reading log of each file.

    Raises
    ------
    InputError
        No source gives an entry, or one cannot be read; see `load`.
    """
    entries: list[_merge.Entry] = []
    log: list[dict[str, Any]] = []
    with contextlib.ExitStack() as opened:
        for given in sources:
            if isinstance(given, pd.DataFrame):
                log.append(from_table(given, named, wanted, entries))
        paths = [source for source in sources if not isinstance(source, pd.DataFrame)]
        if _STDIN in paths:
            paths = [path for path in paths if path != _STDIN] + [opened.enter_context(_standard_input())]
        found = _sources.files(paths)
        for file in _with_progress(found):
            log += _from_file(file, named, wanted, entries)
    named.check()
    if not entries:
        raise InputError(_nothing(log))
    return entries, log


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


def _with_progress(found: list[_sources.Found]) -> Iterable[_sources.Found]:
    """Show a bar where there is something to wait for."""
    if len(found) <= _FEW_FILES:
        return found
    from tqdm.auto import tqdm

    return tqdm(found, desc="Reading", unit="file", disable=None)


@contextlib.contextmanager
def _standard_input() -> Iterator[Path]:
    """Keep what comes through standard input in a file for as long as it is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standard input"
        with path.open("wb") as out:
            shutil.copyfileobj(sys.stdin.buffer, out)
        yield path


def _from_file(
    found: _sources.Found, columns: Mapping[str, Any], wanted: _wanted.Wanted, entries: list[_merge.Entry]
) -> list[dict[str, Any]]:
    """Add the entries of a file, or of an archive's files, to the others; return their lines of the log."""
    if found.passed_over:
        return [_line(clean_text(found.path.name), note=found.passed_over)]
    return [
        _line(content.name, note=content.reason)
        if isinstance(content, _archives.Unread)
        else _from_content(content, wanted, entries)
        for content in _archives.contents(found.path, columns)
    ]


def _from_content(content: Content, wanted: _wanted.Wanted, entries: list[_merge.Entry]) -> dict[str, Any]:
    n_before = len(entries)
    try:
        reader = next((known for known in FORMATS if known.recognise(content)), None)
        if reader is None:
            damage = [_archives.said_of(content.name, InputError(told)) for told in content.damage]
            return _line(content.name, content.sha256, note=(damage or [_not_understood(content)])[0])
        records = _until_broken(content, reader.read(content))
        return _accounted(content.name, content.sha256, reader.name, records, wanted, entries)
    except InputError as error:
        # Of a file that is refused as a whole, nothing is kept.
        del entries[n_before:]
        return _line(content.name, content.sha256, note=_archives.said_of(content.name, error))


def from_table(
    given: pd.DataFrame, columns: _columns.Given, wanted: _wanted.Wanted, entries: list[_merge.Entry]
) -> dict[str, Any]:
    flat = given.reset_index() if given.index.name in ("paper_id", "id") else given
    flat = flat.loc[:, ~flat.columns.duplicated()]
    columns.look(flat.columns)
    known = _columns.fields(flat.columns, columns)
    if "title" not in known:
        columns.check()
        raise InputError(_columns.untitled("The DataFrame", given.columns))
    used = list(dict.fromkeys(column for places in known.values() for column in places))
    rows = flat[used].astype(object).where(flat[used].notna(), None).to_dict("records")
    records = [_cells.record(f"row {number}", row, known) for number, row in enumerate(rows, start=1)]
    # The rows' hashes are sorted: the same rows in another order are the same input.
    rows = np.sort(pd.util.hash_pandas_object(flat[used].astype(str), index=False).to_numpy())
    return _accounted("DataFrame", fingerprint(used, rows), "table", records, wanted, entries)


def _accounted(
    name: str,
    sha256: str,
    form: str,
    records: Iterable[Record | Rejected],
    wanted: _wanted.Wanted,
    entries: list[_merge.Entry],
) -> dict[str, Any]:
    """Clean records into entries; return the line of the reading log that accounts for each."""
    n_read = n_passed = n_rejected = 0
    rejected: list[Rejected] = []
    for record in records:
        made = record if isinstance(record, Rejected) else _merge.entry(record, name)
        if isinstance(made, Rejected):
            n_rejected += 1
            if n_rejected <= SHOWN_REJECTIONS:
                rejected.append(made)
        elif not wanted.has(made):
            n_passed += 1
        else:
            entries.append(made)
            n_read += 1
    note = "" if n_read or rejected or n_passed else NO_ENTRIES
    return _line(name, sha256, form, n_read, n_rejected, n_passed, rejected, note)


def _until_broken(content: Content, records: Iterable[Record | Rejected]) -> Iterator[Record | Rejected]:
    """Yield records; where a file breaks off after some of them, these stay and the break is told."""
    any_read = False
    broken = None
    try:
        for record in records:
            yield record
            any_read = True
    except InputError as error:
        broken = error
    for told in content.damage:
        broken = InputError(told)
    if broken is None:
        return
    if not any_read or isinstance(broken, Bomb):
        raise broken
    yield Rejected("the end", f"the file breaks off: {_archives.said_of(content.name, broken)}")


def _line(
    name: str,
    sha256: str | None = None,
    form: str | None = None,
    n_read: int = 0,
    n_rejected: int = 0,
    n_passed: int = 0,
    rejected: Iterable[Rejected] = (),
    note: str = "",
) -> dict[str, Any]:
    return {
        "file": name,
        "sha256": sha256,
        "format": form,
        "n_present": n_read + n_rejected + n_passed,
        "n_read": n_read,
        "n_rejected": n_rejected,
        "n_passed": n_passed,
        "rejected": [{"where": r.where, "reason": clean_text(r.reason)} for r in rejected],
        "note": note,
    }


def _not_understood(content: Content) -> str:
    """Say of a file that no format recognises what it seems to be."""
    kinds = (
        "BibTeX, RIS, MEDLINE, Web of Science or EndNote text, CSV, Excel, JSON, XML or a Daily Papers page"
    )
    start = content.start.lstrip()[:500]
    if content.head[:4] == b"%PDF":
        return "a PDF file; load reads lists of papers, so export the list from where the file came from"
    if not content.start:
        return "binary content that is neither Parquet nor Excel; export it as CSV, RIS or BibTeX"
    if not start:
        return "it holds nothing but white space"
    if start[0] in "{[":
        if not content.small:
            return f"it {too_large()}"
        if content.json in ([], {}):
            return "an empty JSON list; it holds no entries"
        if content.json is None and not content.is_json_lines:
            return "it looks like JSON and is damaged or nested too deeply; export it again"
        return "JSON without entries that have titles; name the column of titles with columns={'title': ...}"
    if start.startswith("<"):
        return "HTML or XML of no known kind; export the papers as RIS, BibTeX or CSV"
    return f"text of no known format; known are {kinds}"


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
