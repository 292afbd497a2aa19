"""What a check of papers needs to know of them, as numbers that add up over parts of a corpus."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trends.core.tables import PAPERS, PRECISIONS, UNASSIGNED, check
from trends.papers import _identity
from trends.papers._language import language

_DAYS = ("date", "precision", "n_papers", "n_tagged", "n_without_abstract")
_COUNTED = ("date_source", "why_undated", "language", "tags_from", "tag")


@dataclass(frozen=True, eq=False)
class Tally:
    """Numbers of papers.

    Attributes
    ----------
    days
        date (NaT first), precision (its position in PRECISIONS), n_papers, n_tagged (with tags from the
        source), n_without_abstract: one row for each date and precision.
    counts
        Numbers of papers by date_source (of those dated), why_undated, language, tags_from ("source", "text",
        ""), tag, each by its values.
    n_completed
        Papers of which a value was completed from a reference.
    conflicts
        Papers of one title that are kept apart: title, paper ids, reason.
    """

    days: pd.DataFrame
    counts: Mapping[str, Counter[str]]
    n_completed: int
    conflicts: tuple[tuple[str, tuple[str, ...], str], ...]

    def plain(self) -> dict[str, Any]:
        """Return arrays and plain values, of which `added` makes a tally again."""
        days = {f"days_{name}": self.days[name].to_numpy() for name in _DAYS[1:]}
        days["days_date"] = self.days["date"].to_numpy().astype("datetime64[us]").astype(np.int64)
        counts = {name: dict(self.counts[name]) for name in _COUNTED}
        return days | {
            "counts": counts,
            "n_completed": self.n_completed,
            "conflicts": [[title, list(ids), reason] for title, ids, reason in self.conflicts],
        }


def tallied(papers: pd.DataFrame) -> Tally:
    """Count what there is to know of a papers table."""
    check(papers, PAPERS)
    origins = _origins(papers)
    days = pd.DataFrame(
        {
            "date": papers["date"].to_numpy().astype("datetime64[us]"),
            "precision": papers["date_precision"].cat.codes.to_numpy()
            if len(papers)
            else np.zeros(0, np.int8),
            "n_papers": 1,
            "n_tagged": (origins == "source").to_numpy().astype("int64"),
            "n_without_abstract": (papers["abstract"] == "").to_numpy().astype("int64"),
        }
    )
    blank = pd.Series("", index=papers.index)
    dated, noted = papers["date"].notna(), papers.get("date_note", blank)
    said = papers.get("language", blank)
    texts = papers["abstract"].where(papers["abstract"] != "", papers["title"])
    counts = {
        "date_source": Counter(papers.loc[dated, "date_source"] if "date_source" in papers else ()),
        "why_undated": Counter(noted[~dated & noted.ne("")]),
        "language": Counter(
            own or language(text) or "unclear" for own, text in zip(said, texts, strict=True)
        ),
        "tags_from": Counter(origins),
        "tag": Counter(tag for own in papers["tags"] for tag in own),
    }
    n_completed = int(papers["completed"].map(len).gt(0).sum()) if "completed" in papers else 0
    return Tally(_together(days), counts, n_completed, _conflicts(papers))


def added(parts: Sequence[Mapping[str, Any]]) -> Tally:
    """Return the tally of all papers of which `Tally.plain` told the parts."""
    days = pd.DataFrame({name: np.concatenate([part[f"days_{name}"] for part in parts]) for name in _DAYS})
    days["date"] = days["date"].to_numpy().astype("datetime64[us]")
    counts = {name: sum((Counter(part["counts"][name]) for part in parts), Counter()) for name in _COUNTED}
    conflicts = sorted((t, tuple(ids), why) for part in parts for t, ids, why in part["conflicts"])
    return Tally(_together(days), counts, sum(part["n_completed"] for part in parts), tuple(conflicts))


def _together(days: pd.DataFrame) -> pd.DataFrame:
    found = days.groupby(["date", "precision"], as_index=False, dropna=False, sort=True).sum()
    # Without a date every precision is one.
    found["precision"] = found["precision"].where(
        found["precision"] != UNASSIGNED, PRECISIONS.index("unknown")
    )
    return found.sort_values(["date", "precision"], na_position="first", ignore_index=True)


def _origins(papers: pd.DataFrame) -> pd.Series:
    """Return where each paper's tags come from: "source", "text", or "" without any."""
    if "tag_sources" in papers:
        return papers["tag_sources"].map(lambda origins: origins[0] if origins else "").astype("object")
    return papers["tags"].map(lambda own: "source" if own else "").astype("object")


def _conflicts(papers: pd.DataFrame) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    titles = papers["title"].map(_identity.normalised)
    shared = papers[titles.duplicated(keep=False)]
    found = []
    for title, same in shared.groupby(titles[shared.index], sort=True):
        keys = [_key(str(title), paper_id, row) for paper_id, row in same.iterrows()]
        reasons = {_identity.differ(keys[0], key) for key in keys[1:]} - {""}
        told = ", ".join(sorted(reasons)) or "no common ground"
        found.append((str(same["title"].iloc[0]), tuple(map(str, same.index)), told))
    return tuple(found)


def _key(title: str, paper_id: Any, row: pd.Series) -> _identity.Key:
    arxiv_id, doi = _identity.ids(str(paper_id).partition(":")[2], row.get("arxiv_id"), row.get("doi"))
    return _identity.Key(arxiv_id, doi, title, row.get("authors", ()), row["abstract"])
