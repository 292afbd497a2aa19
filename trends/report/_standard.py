"""The story of a corpus in the order in which it is told.

What was found, whether the papers can carry it, then topics from the whole to the single paper, and last
how it was made. Each section is a `Section`; what the special kinds expect in `table` is built here.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
import pandas as pd

from trends.core.diff import Diff
from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.hashing import fingerprint
from trends.core.records import SHAKY, Topics, Trends
from trends.core.tables import PAPERS, UNASSIGNED, check
from trends.core.watch import Watch
from trends.core.whole import Whole
from trends.report._findings import Finding, findings
from trends.report._history import caveats_text, season_text, with_histories
from trends.report._history import since as turned_since
from trends.report._lives import DATED, ended_section, histories
from trends.report._report import Report, Section
from trends.report._wording import count, papers_word, percent, span
from trends.timeline import period_label

CARDS = 60
"""Topics with a card of their own; the topics table reaches the others."""

ON_MAP = (
    "The map shows the random sample of {0} on which the topics were found. All other sections count all {1}."
)
ON_CARDS = "Papers are named from the random sample of {0}; numbers are of all {1}."
IN_LIST = "Listed are the {0} papers of the random sample on which the topics were found, of {1} counted."

TERMS = 10
NEAREST_PAPERS = 3
NEWEST_PAPERS = 2
NEAREST_TOPICS = 3


def standard(
    papers: pd.DataFrame,
    topics: Topics,
    trends: Trends,
    *,
    title: str,
    health: pd.DataFrame | None = None,
    provenance: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
    followed: Trends | None = None,
    since: Diff | None = None,
    whole: Whole | None = None,
) -> Report:
    """Build the usual report; see `Report.standard`."""
    from trends import plot
    from trends.report._followed import followed_section
    from trends.report._since import since_section

    check(papers, PAPERS)
    if (watch is None) != (followed is None):
        raise InputError(
            "watch and followed belong together: followed is measure(count_themes(papers, watch))."
        )
    if set(papers.index) != set(topics.members.index):
        odd = sorted(set(papers.index) ^ set(topics.members.index))
        raise InputError(
            f"papers and topics.members must hold the same papers, but {len(odd)} are in only one of them, "
            f"such as {odd[0]!r}; give the papers that were clustered or assigned."
        )
    if health is None:
        from trends.papers import health as look

        health = look(papers).table

    papers = (
        papers.assign(_id=papers.index).sort_values(["date", "_id"], na_position="first").drop(columns="_id")
    )
    whole = Whole.of(papers, topics) if whole is None else whole
    records = _records(papers, topics)
    table = _topic_table(topics, trends, records, whole)
    ended = ended_section(topics)
    facts = _provenance(papers, topics, trends, provenance or {}, whole)
    found = findings(papers, topics, trends, whole)
    on_map = _of_sample(whole, ON_MAP)
    sections = (
        Section("findings", "Findings", table=_findings_table(found), kind="findings"),
        *([since_section(since)] if since is not None else []),
        _health(health, None if whole.sampled else papers, trends),
        *([followed_section(papers, watch, followed)] if watch is not None and followed is not None else []),
        Section("topics", "Topics", _topics_text(table, topics, whole), table=table, kind="topics"),
        _chart(topics, "shares", "Trends over time", plot.shares, trends),
        with_histories(_chart(topics, "growth", "Rising and falling", plot.growth, trends), trends),
        _chart(topics, "ranks", "Ranks", plot.bump, trends),
        _chart(topics, "stream", "Stream", plot.stream, trends),
        _chart(topics, "heatmap", "Heat map", plot.heatmap, trends),
        _chart(topics, "bursts", "Bursts", plot.bursts, trends),
        _chart(topics, "forecast", "Forecast", plot.forecast, trends),
        _chart(
            topics, "map", "Map of papers", plot.map, papers, topics, text=on_map, kind="map", hover=False
        ),
        _chart(topics, "terms", "Words of the topics", plot.terms, topics),
        Section(
            "cards",
            "Topic cards",
            _cards_text(table, _of_sample(whole, ON_CARDS)),
            table=table.head(CARDS),
            kind="cards",
        ),
        *([ended] if ended is not None else []),
        _chart(topics, "similarity", "Similarity", plot.similarity, topics),
        _chart(topics, "hierarchy", "Hierarchy", plot.hierarchy, topics),
        Section("papers", "Papers", _of_sample(whole, IN_LIST), table=records, kind="papers"),
        Section("method", "Method and limits", _method(topics, trends), kind="method"),
        Section("origin", "Provenance", kind="provenance"),
    )
    return Report(
        title=title,
        sections=sections,
        summary=summary_of(papers, topics, trends, whole),
        facts=facts_of(papers, topics, trends, whole),
        papers=records,
        topics=topics.labels,
        provenance=facts,
    )


def _chart(
    topics: Topics,
    name: str,
    title: str,
    draw: Any,
    *tables: Any,
    text: str = "",
    kind: str = "table",
    **options: Any,
) -> Section:
    """Draw one chart; a section without data says so instead of vanishing."""
    if not len(topics.table):
        return Section(name, title, "There are no topics to draw.")
    figure = draw(*tables, **options)
    if not figure.data:
        return Section(name, title, figure.layout.meta["alt"])
    return Section(name, title, text, figure=figure, kind=kind)


def _records(papers: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """Join what the page shows of each paper, oldest first."""
    members = topics.members.reindex(papers.index)
    records = pd.DataFrame(
        {
            "title": papers["title"],
            "abstract": papers["abstract"],
            "date": papers["date"],
            "date_precision": papers["date_precision"].astype(str),
            "topic_id": members["topic_id"].astype("int64"),
            "similarity": members["similarity"].astype(float),
            "x": members["x"].astype(float),
            "y": members["y"].astype(float),
        }
    )
    for name in ("venue", "url"):
        records[name] = papers[name].astype(str) if name in papers.columns else ""
    return records


def _topic_table(topics: Topics, trends: Trends, records: pd.DataFrame, whole: Whole) -> pd.DataFrame:
    """Return one row per topic, largest first, with all that the topics table and the cards show."""
    near = _nearest_topics(topics)
    shares = {
        int(topic_id): rows.sort_values("period")
        for topic_id, rows in trends.shares[trends.shares["n_total"] > 0].groupby("topic_id")
    }
    by_topic = dict(list(records.groupby("topic_id", sort=True)))
    lives = histories(topics)
    rows = []
    for topic_id, topic in topics.table.iterrows():
        key = int(topic_id)
        call = trends.calls.loc[topic_id] if topic_id in trends.calls.index else None
        series = shares.get(key)
        members = by_topic.get(key, records.iloc[:0])
        rows.append(
            {
                "topic_id": key,
                "label": topic["label"],
                "n_papers": int(topic["n_papers"]),
                "share": topic["n_papers"] / max(1, whole.n_papers),
                "status": str(call["status"]) if call is not None else "too few to say",
                "reason": _argument(call) if call is not None else "not measured.",
                "growth": float(call["growth"]) if call is not None else np.nan,
                "growth_low": float(call["growth_low"]) if call is not None else np.nan,
                "growth_high": float(call["growth_high"]) if call is not None else np.nan,
                "q": float(call["q"]) if call is not None else np.nan,
                "since": turned_since(call, trends.every),
                "first_date": topic["first_date"],
                "last_date": topic["last_date"],
                "peak": _peak(series, trends.every),
                "stability": float(topic["stability"]),
                "cohesion": float(topic["cohesion"]),
                "terms": tuple(topic["terms"][:TERMS]),
                "nearest": near.get(key, ()),
                "exemplars": _exemplars(topic["exemplars"], members),
                "series": tuple(series["share"]) if series is not None else (),
                "totals": tuple(series["n_total"]) if series is not None else (),
                "complete": tuple(series["complete"]) if series is not None else (),
                "history": lives.get(key, ()),
            }
        )
    columns = list(rows[0]) if rows else ["topic_id", "label", "n_papers", "share", "status", "reason"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["n_papers", "topic_id"], ascending=[False, True]).set_index("topic_id")


def _argument(call: pd.Series) -> str:
    """Return why a topic has its status, without the status itself."""
    return str(call["reason"]).removeprefix(f"{str(call['status']).capitalize()}: ")


def _peak(series: pd.DataFrame | None, every: str) -> str:
    """Name the complete period with the largest share; the earliest of equals."""
    if series is None:
        return ""
    whole = series[series["complete"] & (series["share"] > 0)]
    return period_label(whole.loc[whole["share"].idxmax(), "period"], every) if len(whole) else ""


def _exemplars(nearest: tuple[str, ...], members: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return (paper id, why) of the papers nearest the centre and then of the newest others."""
    chosen = [(paper_id, "central") for paper_id in nearest if paper_id in members.index][:NEAREST_PAPERS]
    taken = {paper_id for paper_id, _ in chosen}
    dated = members[members["date"].notna() & ~members.index.isin(taken)]
    return (*chosen, *((paper_id, "newest") for paper_id in dated.index[::-1][:NEWEST_PAPERS]))


def _nearest_topics(topics: Topics) -> dict[int, tuple[int, ...]]:
    """Return the ids of the topics with the most similar centroids, by topic."""
    ids = [int(topic_id) for topic_id in topics.table.index]
    centroids = np.asarray(topics.centroids, dtype="float64")
    if centroids.ndim != 2 or len(ids) < 2:
        return {}
    similarity = np.round(centroids @ centroids.T, 6)
    near = {}
    for row, topic_id in enumerate(ids):
        order = sorted((-similarity[row, j], other) for j, other in enumerate(ids) if other != topic_id)
        near[topic_id] = tuple(other for _, other in order[:NEAREST_TOPICS])
    return near


def _findings_table(found: list[Finding]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": [finding.kind for finding in found],
            "parts": [finding.parts for finding in found],
            "target": [finding.target for finding in found],
            "topic_id": [UNASSIGNED if f.topic_id is None else f.topic_id for f in found],
        }
    )


def summary_of(papers: pd.DataFrame, topics: Topics, trends: Trends, whole: Whole | None = None) -> str:
    """Say the corpus in one sentence."""
    whole = Whole.of(papers, topics) if whole is None else whole
    first, last = whole.first_date, whole.last_date
    when = " without dates"
    if first is not None and last is not None:
        when = f" dated {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        if not whole.to_the_day:
            when = f" dated {span(first, last, 'month' if first.year == last.year else 'year')}"
    return (
        f"{papers_word(whole.n_papers)}{when}, read as {count(len(topics.table))} "
        f"topic{'' if len(topics.table) == 1 else 's'} and counted by {trends.every}."
        + _of_sample(whole, " The topics were found on a random sample of {0}.")
    )


def facts_of(
    papers: pd.DataFrame, topics: Topics, trends: Trends, whole: Whole | None = None
) -> tuple[tuple[str, str], ...]:
    """Return pairs of a number and what it counts, as they stand under the title."""
    whole = Whole.of(papers, topics) if whole is None else whole
    status = trends.calls["status"].astype(str)
    rising, falling = int(status.isin(["emerging", "growing"]).sum()), int(status.eq("declining").sum())
    first, last = whole.first_date, whole.last_date
    when = "none"
    if first is not None and last is not None:
        when = span(first, last, "year").replace(" to ", "–")
    return (
        (count(whole.n_papers), "papers"),
        (count(len(topics.table)), "topics"),
        (when, "dates"),
        (f"{rising} / {falling}", "rising / falling"),
        (percent(whole.n_unassigned / max(1, whole.n_papers)), "in no topic"),
    )


def _of_sample(whole: Whole, told: str) -> str:
    """Say what is shown of the sample alone, where that is not all papers."""
    if not whole.sampled:
        return ""
    return told.format(count(whole.n_shown), papers_word(whole.n_papers))


def _health(health: pd.DataFrame, papers: pd.DataFrame | None, trends: Trends) -> Section:
    """Show what is missing, and how many papers each period has."""
    from trends import plot

    every = trends.shares[["period", "n_total", "complete"]].drop_duplicates("period").sort_values("period")
    unfinished = every[~every["complete"] & (every["n_total"] > 0)]
    undated, coarse = (int(trends.left_out[name].sum()) for name in ("n_undated", "n_too_coarse"))
    counted = int(every["n_total"].sum())
    text = f"{papers_word(counted)} are counted in {count(len(every))} {trends.every}s"
    if undated or coarse:
        text += f"; {count(undated)} have no date and {count(coarse)} are dated too coarsely to be counted"
    text += f". Together these are {count(counted + undated + coarse)}."
    if len(unfinished):
        names = ", ".join(period_label(period, trends.every) for period in unfinished["period"])
        text += (
            f" {names} {'is' if len(unfinished) == 1 else 'are'} incomplete: drawn, marked, "
            "and used in no growth, finding or rank."
        )
    empty = int((every["n_total"] == 0).sum())
    if empty:
        text += f" {count(empty)} {trends.every}{'' if empty == 1 else 's'} in between have no papers."
    figure = None
    if counted:
        try:
            figure = plot.coverage(papers, trends)
        except InputError as error:
            # Trends may be of another count of these papers, such as one without their overlap.
            text += f" The papers of each period are not drawn: {error}"
    return Section("health", "Corpus health", text, figure=figure, table=health, kind="health")


def _topics_text(table: pd.DataFrame, topics: Topics, whole: Whole) -> str:
    if not len(table):
        return "No topics were found: all papers are unassigned."
    assigned, rest = count(whole.n_papers - whole.n_unassigned), count(whole.n_unassigned)
    return (
        f"{assigned} papers are in the {len(table):,} topics below and {rest} in none. Growth is the factor "
        "by which the odds that a paper is in the topic change per year, with its 95% interval, since the "
        "topic turned where it did." + _shaky(topics)
    )


def _shaky(topics: Topics) -> str:
    """Say how many topics are marked as shaky, and what that means."""
    n = len(topics.shaky)
    if not n:
        return ""
    return (
        f" {count(n)} {'is' if n == 1 else 'are'} marked shaky: stability, how well a topic comes back where "
        f"half of the layouts find topics by themselves, is below {SHAKY:g}."
    )


def _cards_text(table: pd.DataFrame, note: str) -> str:
    if not len(table):
        return "There are no topics to show."
    lived = table["history"].head(CARDS).map(bool).any()
    history = f" A topic’s history begins with the fit that found it. {DATED}" if lived else ""
    if len(table) <= CARDS:
        told = "Every topic, largest first: why it has its status, its words, and papers to start with."
    else:
        told = (
            f"The {CARDS} largest of {count(len(table))} topics: why each has its status, its words, and "
            "papers to start with. The topics table names the others."
        )
    return f"{told}{history} {note}".strip()


def _method(topics: Topics, trends: Trends) -> str:
    """Say what was measured of the topics, then season and caveats; the rest is the same in every report."""
    return "\n\n".join(
        part for part in (_measured(topics), season_text(trends), caveats_text(trends)) if part.strip()
    )


def _measured(topics: Topics) -> str:
    """Say what the vectors and the fits say of themselves."""
    cohesion = topics.table["cohesion"].dropna()
    stability = topics.table["stability"].dropna()
    found = topics.parameters.get("measured", {})
    agreement = found.get("agreement", {}).get(str(len(topics.table)))
    measured = "The stability of the topics over repeated fits was not measured here. "
    if len(stability):
        halves = (
            f"; halves of the layouts agree by an adjusted Rand index of {agreement:.2f}" if agreement else ""
        )
        measured = f"The median stability of the topics is {stability.median():.2f} (0 to 1){halves}. "
    if "kept" in found:
        measured += (
            f"The cut-offs keep {percent(found['kept'])} of the papers in clusters, each judged as if it had "
            f"not been seen, and refuse {percent(found['refused'])} of them once their own topic is gone."
        )
    similar = (
        f" The median cosine of a paper to its topic's centre is {cohesion.median():.2f}."
        if len(cohesion)
        else ""
    )
    return _encoder(topics) + measured + similar


def _encoder(topics: Topics) -> str:
    """Say what made the vectors, how well a student did, and what became of papers without an abstract."""
    about = topics.parameters.get("embeddings", {})
    return _reader(about) + _levelled(about)


def _reader(about: Mapping[str, Any]) -> str:
    encoder = about.get("encoder", "given")
    if "n_taught" not in about:
        return "" if encoder == "given" else f"The vectors were made by {clean_text(str(encoder))}. "
    overlap = percent(about["neighbour_overlap"])
    return (
        f"The encoder {clean_text(str(encoder))} read {_taught(about)}{_glanced(about)}, "
        f"and a linear student of it all of them from {_reads(about)}; on papers that it was not taught the "
        f"student's vectors have a mean cosine of {about['cosine']:.2f} to the encoder's, "
        f"and {overlap} of a paper's ten nearest papers are the same. "
    )


def _levelled(about: Mapping[str, Any]) -> str:
    if "n_levelled_by" not in about:
        return ""
    return (
        "The vectors of papers without an abstract were brought level with the others by what an abstract "
        f"added to {count(about['n_levelled_by'])} papers that have one. "
    )


def _taught(about: Mapping[str, Any]) -> str:
    n_papers = count(about["n_taught"])
    if "n_characters" not in about:  # a student of an earlier version
        return f"{n_papers} of the papers whole"
    return f"up to {count(about['n_characters'])} characters of {n_papers} of the papers"


def _glanced(about: Mapping[str, Any]) -> str:
    return f" and the beginnings of {count(about['n_glanced'])}" if "n_glanced" in about else ""


def _reads(about: Mapping[str, Any]) -> str:
    told = {
        "the beginning of every paper": "their words and their beginnings",
        "words, and the beginnings of some papers": "their words and, of those, their beginnings",
    }
    return told.get(str(about.get("reads")), "their words")


def _provenance(
    papers: pd.DataFrame, topics: Topics, trends: Trends, given: Mapping[str, Any], whole: Whole
) -> dict[str, Any]:
    """Join what the caller states with what the tables state of themselves."""
    corpus = papers[["title", "abstract", "date", "date_precision"]].sort_index()
    stated: dict[str, Any] = {
        "made_by": f"trends {version('trends')}",
        "corpus": {"n_papers": whole.n_papers, "fingerprint": fingerprint(corpus)}
        | ({"n_shown": whole.n_shown} if whole.sampled else {}),
        "parameters": {"topics": dict(topics.parameters), "trends": {"every": trends.every}},
        "counted_by": trends.every,
        "fingerprints": {"topics": topics.fingerprint, "trends": trends.fingerprint},
        "topic_ids": [
            {
                "topic_id": int(topic_id),
                "label": row["label"],
                "n_papers": int(row["n_papers"]),
                "share": round(int(row["n_papers"]) / max(1, whole.n_papers), 6),
            }
            for topic_id, row in topics.table.sort_index().iterrows()
        ],
    }
    stated |= given
    if "files" in stated:
        stated["files"] = _without_folders(stated["files"])
    try:
        return json.loads(json.dumps(stated, sort_keys=True, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InputError(f"provenance must hold plain JSON values only ({error}).") from error


def _without_folders(files: Any) -> Any:
    """Cut folders from file names, be they keys, names or in records: user paths stay private."""
    if isinstance(files, Mapping):
        return {_base_name(str(name)): what for name, what in files.items()}
    if not isinstance(files, list | tuple):
        return _base_name(files) if isinstance(files, str) else files
    named = []
    for entry in files:
        if isinstance(entry, Mapping):
            entry = {k: _base_name(str(v)) if k in ("file", "name", "path") else v for k, v in entry.items()}
        named.append(_base_name(entry) if isinstance(entry, str) else entry)
    return named


def _base_name(name: str) -> str:
    return PureWindowsPath(PurePosixPath(name).name).name or name
