"""A report page as the earlier side: of the file only its embedded JSON is read, and trusted in nothing.

The page names every paper with its date and topic, so that counts, shares and calls can be measured again. It
holds no vectors: topics are then matched by shared papers alone.
"""

import base64
import binascii
import html
import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.records import Topics
from trends.core.tables import EVERY, PRECISION_TYPE, UNASSIGNED
from trends.diff._side import Side, settings_of
from trends.papers._identity import normalised, paper_id
from trends.timeline import count, measure

LARGEST = 40_000_000
"""Bytes of a page that is read, and a fifth of what its data may hold once unpacked."""

UNUSABLE = (ValueError, TypeError, AttributeError, OverflowError, RecursionError, zlib.error)
"""What damaged or hostile values raise on the way to a table."""

DATES = {4: ("%Y", "year"), 7: ("%Y-%m", "month"), 10: ("%Y-%m-%d", "day"), 0: ("", "unknown")}


def side_of_page(path: str | Path, later: Side) -> Side:
    """Read the earlier study from its report.

    Parameters
    ----------
    path
        An HTML file that `Report.save` wrote.
    later
        The study that it is compared with. A paper without a public id is found in it by its title.

    Raises
    ------
    InputError
        The file is no report, shows only a sample of its papers, or what it holds is not usable.
    """
    name = Path(path).name
    try:
        text = _text(Path(path))
        data, stated = _data(text), _provenance(text)
        _check_whole(name, stated)
        papers, topic_ids = _papers(data["papers"], later.papers)
        labels = {int(topic_id): clean_text(_known(label, str)) for topic_id, label in data["topics"]}
        topics = _topics(papers, topic_ids, labels)
    except InputError:
        raise
    except (OSError, LookupError, *UNUSABLE) as error:
        raise InputError(
            f"{name} cannot be read as a report of trends ({type(error).__name__}); give an earlier report "
            "as it was written, or the folder of the saved study."
        ) from error
    given = stated.get("parameters")
    parameters, encoder = (
        given if isinstance(given, dict) else {} for given in (given, stated.get("encoder"))
    )
    settings = settings_of(parameters, encoder)
    every, until = parameters.get("every", ""), settings.pop("observed_until", None)
    every = stated.get("counted_by", every)
    every = every if isinstance(every, str) and every in EVERY else later.counts.every
    counts = count(papers, topics, every=every, observed_until=until if isinstance(until, str) else None)
    known = {key: value for key, value in settings.items() if isinstance(value, str | int | float | None)}
    found = re.search(r"<title>([^<]{0,2000})</title>", text)
    title = clean_text(html.unescape(found[1])) if found else ""
    trends = measure(counts, bursts=False, forecast=False)
    return Side(papers, topics, counts, trends, title, known, from_page=True)


def _check_whole(name: str, stated: dict[str, Any]) -> None:
    """Refuse a page that names a sample of its papers, as that of a large run does."""
    corpus = stated.get("corpus")
    if isinstance(corpus, dict) and "n_shown" in corpus:
        raise InputError(
            f"{name} names only a sample of the papers that it counts, so nothing can be counted again; "
            "compare studies that hold all their papers."
        )


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path.name} is larger than any report of trends ({LARGEST // 1_000_000} MB).")
    return path.read_text("utf-8")


def _script(text: str, kind: str, name: str) -> str:
    start = text.rindex(f'<script type="{kind}" id="{name}">')
    return text[text.index(">", start) + 1 : text.index("</script>", start)]


def _data(text: str) -> dict[str, Any]:
    try:
        raw = base64.b64decode(_script(text, "text/plain", "data"), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    unpacking = zlib.decompressobj(wbits=31)
    unpacked = unpacking.decompress(raw, 5 * LARGEST)
    if not unpacking.eof:
        raise ValueError("cut off, or too large")
    return _known(_json(unpacked.decode("utf-8")), dict)


def _provenance(text: str) -> dict[str, Any]:
    return _known(_json(_script(text, "application/json", "provenance")), dict)


def _json(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _known(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{kind.__name__} expected")
    return value


def _papers(columns: Any, others: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the papers table and the topic of each row."""
    ids, titles, dates, topics = (_known(columns[n], list) for n in ("id", "title", "date", "topic"))
    if not len(ids) == len(titles) == len(dates) == len(topics):
        raise ValueError("columns of different lengths")
    titles = [clean_text(_known(title, str)) for title in titles]
    named = _by_title(others)
    found: list[str] = []
    taken: set[str] = set()
    for given, title in zip(ids, titles):
        key = normalised(title)
        name = clean_text(_known(given, str)) or named.get(key) or paper_id([], [], [key])
        # Of two papers that cannot be told apart one is compared; the other stands for itself.
        name = name if name not in taken else f"{name}#{len(found)}"
        taken.add(name)
        found.append(name)
    days, precisions = zip(*(_day(_known(date, str)) for date in dates)) if dates else ((), ())
    table = pd.DataFrame(
        {
            "title": pd.Series(titles, dtype="str"),
            "abstract": pd.Series([""] * len(ids), dtype="str"),
            "date": pd.Series(days, dtype="datetime64[us]"),
            "date_precision": pd.Categorical(precisions, dtype=PRECISION_TYPE),
            "tags": [()] * len(ids),
        }
    ).set_index(pd.Index(found, name="paper_id", dtype="str"))
    return table, np.array([_known(topic, int) for topic in topics], dtype="int32")


def _by_title(papers: pd.DataFrame) -> dict[str, str]:
    """Return the ids of papers by their normalised title, those of a title that several bear left out."""
    keys = papers["title"].map(lambda title: normalised(clean_text(title)))
    once = ~keys.duplicated(keep=False) & keys.ne("")
    return dict(zip(keys[once], papers.index[once]))


def _day(text: str) -> tuple[pd.Timestamp, str]:
    form, precision = DATES[len(text)]
    if not form:
        return pd.NaT, precision
    return pd.Timestamp(pd.to_datetime(text, format=form, exact=True)), precision


def _topics(papers: pd.DataFrame, topic_ids: np.ndarray, labels: dict[int, str]) -> Topics:
    """Return topics that know their papers and names, and no directions."""
    ids = sorted(t for t in labels if t >= 0)
    if not set(topic_ids.tolist()) <= {*ids, UNASSIGNED}:
        raise ValueError("papers of unknown topics")
    sizes = pd.Series(topic_ids).value_counts().reindex(ids, fill_value=0)
    dates = papers["date"].groupby(topic_ids)
    index = pd.Index(ids, name="topic_id", dtype="int32")
    table = pd.DataFrame(
        {
            "label": pd.Series([labels[t] for t in ids], index=index, dtype="str"),
            "terms": pd.Series([()] * len(ids), index=index, dtype="object"),
            "term_weights": pd.Series([()] * len(ids), index=index, dtype="object"),
            "n_papers": sizes.to_numpy("int64"),
            "first_date": dates.min().reindex(ids).to_numpy("datetime64[us]"),
            "last_date": dates.max().reindex(ids).to_numpy("datetime64[us]"),
            "stability": np.nan,
            "cohesion": np.nan,
            "exemplars": pd.Series([()] * len(ids), index=index, dtype="object"),
        },
        index=index,
    )
    members = pd.DataFrame(
        {
            "topic_id": topic_ids,
            "similarity": np.nan,
            "x": np.nan,
            "y": np.nan,
            "how": pd.Series(np.where(topic_ids < 0, "none", "centroid"), dtype="str").to_numpy(),
        },
        index=papers.index,
    ).astype({"how": "str"})
    ledger = pd.DataFrame({"old_ids": [], "new_ids": []})
    none = np.zeros((len(ids), 1), dtype="float32"), np.zeros(len(ids), dtype="float32")
    return Topics(table, members, *none, ledger, {}, "read from a page")
