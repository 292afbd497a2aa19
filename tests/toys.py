"""Small made-up corpora for tests of the report: papers, topics and trends that belong together."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from trends import timeline
from trends.core.records import Topics, Trends
from trends.core.tables import PRECISION_TYPE
from trends.topics import watch as follow

WORDS = (
    "sparse",
    "attention",
    "routing",
    "pruning",
    "codes",
    "gates",
    "kernels",
    "graphs",
    "tokens",
    "caches",
)


def papers(n: int = 150, first_year: int = 2016, years: int = 8) -> pd.DataFrame:
    """Return n papers spread over the years, the last of them dated in its January only."""
    rng = np.random.default_rng(5)
    year = first_year + np.arange(n) % years
    month = np.where(year == first_year + years - 1, 1, rng.integers(1, 13, n))
    dates = pd.to_datetime([f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(year, month, rng.integers(1, 28, n))])
    kinds = [f"arxiv:{2000 + i}.{10000 + i}" if i % 3 else f"doi:10.1000/toy.{i}" for i in range(n)]
    kinds[0], kinds[1] = "local-0", "local-1"
    table = pd.DataFrame(
        {
            "title": [f"{WORDS[i % 10].title()} {WORDS[i * 3 % 7]} number {i}" for i in range(n)],
            "abstract": [f"About {WORDS[i % 10]} and {WORDS[i * 7 % 10]}." for i in range(n)],
            "date": dates.as_unit("us"),
            "date_precision": pd.Categorical(["day"] * n, dtype=PRECISION_TYPE),
            "tags": [(WORDS[i % 10],) for i in range(n)],
            "url": ["https://example.org/zero" if i == 0 else "" for i in range(n)],
        },
        index=pd.Index(kinds, name="paper_id", dtype="str"),
    )
    return table.astype({"title": "str", "abstract": "str", "url": "str"})


def topics(table: pd.DataFrame, labels: tuple[str, ...] = ("Routing", "Pruning", "Kernels")) -> Topics:
    """Return topics of these papers: every tenth paper in none, the others in turn."""
    k = len(labels)
    ids = sorted(table.index)
    turns = [t for t in range(k) for _ in range(k + 1 - t)]
    assigned = [-1 if i % 10 == 9 else turns[i % len(turns)] for i in range(len(ids))]
    angle = np.linspace(0, 6, len(ids))
    members = pd.DataFrame(
        {
            "topic_id": np.array(assigned, dtype="int32"),
            "similarity": np.round(0.5 + 0.4 * np.cos(angle), 4),
            "x": np.round(np.cos(angle) * (2 + np.array(assigned)), 4),
            "y": np.round(np.sin(angle) * (2 + np.array(assigned)), 4),
            "how": ["none" if t < 0 else "centroid" for t in assigned],
        },
        index=pd.Index(ids, name="paper_id", dtype="str"),
    ).astype({"how": "str"})
    rows = []
    for t, label in enumerate(labels):
        mine = members[members["topic_id"] == t]
        dates = table["date"].reindex(mine.index)
        rows.append(
            {
                "topic_id": t,
                "label": label,
                "terms": tuple(WORDS[(t + j) % 10] for j in range(8)),
                "term_weights": tuple(round(0.5 - 0.05 * j, 3) for j in range(8)),
                "n_papers": len(mine),
                "first_date": dates.min(),
                "last_date": dates.max(),
                "stability": 0.9 - 0.1 * t,
                "cohesion": float(mine["similarity"].mean()),
                "exemplars": tuple(mine.sort_values("similarity", ascending=False).index[:5]),
            }
        )
    topic_table = pd.DataFrame(rows).astype({"label": "str"}).set_index("topic_id")
    for name in ("first_date", "last_date"):
        topic_table[name] = topic_table[name].astype("datetime64[us]")
    return Topics(
        table=topic_table,
        members=members,
        centroids=np.eye(k, max(k, 4), dtype="float32"),
        cutoffs=np.full(k, 0.3, dtype="float32"),
        ledger=pd.DataFrame(columns=["event", "topic_id", "note"]),
        parameters={"seed": 0},
        fingerprint="0" * 64,
    )


def trends(table: pd.DataFrame, found: Topics, every: str = "year") -> Trends:
    """Return what the timeline measures of these papers."""
    return timeline.measure(timeline.count(table, found, every=every))


def followed(table: pd.DataFrame, themes: list[dict] | None = None) -> dict:
    """Return watch and followed, as a report takes them: two themes with papers, one without."""
    vectors = np.random.default_rng(2).standard_normal((len(table), 8)).astype("float32")
    texts = table["title"].str.lower() + table["abstract"]
    for axis, word in enumerate(("sparse", "caches")):
        vectors[:, axis] += 3 * texts.str.contains(word).to_numpy()
    embeddings = pd.DataFrame(vectors, index=table.index)
    themes = themes or [
        {"name": "Sparse things", "phrases": ["sparse"], "papers": ["Sparse routing number 10", "absent"]},
        {"name": "Two caches", "phrases": ["caches"], "not": ["routing"]},
        {"name": "Nobody here", "phrases": ["zebra crossing"]},
    ]
    watch = follow(table, embeddings, themes)
    return {"watch": watch, "followed": timeline.measure(timeline.count_themes(table, watch, every="year"))}


def health(table: pd.DataFrame) -> pd.DataFrame:
    """Return a health table as `trends.papers.health` makes it."""
    return pd.DataFrame(
        {"n_papers": [len(table), 0], "share": [1.0, 0.0], "note": ["", "dated, every one"]},
        index=pd.Index(["papers", "no date"], name="check"),
    )


def counted(
    series: dict[str, list[int]], totals: list[int], first_year: int, last_open: bool = True
) -> Trends:
    """Return trends of yearly counts given by hand, one list per label; the rest is unassigned."""
    periods = pd.DatetimeIndex([f"{first_year + i}-01-01" for i in range(len(totals))]).as_unit("us")
    lists = [[n - sum(v[i] for v in series.values()) for i, n in enumerate(totals)], *series.values()]
    labels = ["unassigned", *series]
    plain = pd.DataFrame(
        [
            {"topic_id": t - 1, "label": labels[t], "period": period, "n_papers": n, "n_total": total}
            for t, counts in enumerate(lists)
            for period, n, total in zip(periods, counts, totals)
        ]
    )
    plain["complete"] = plain["period"].ne(periods[-1]) if last_open else True
    return timeline.measure(plain, every="year")


def eventful() -> Trends:
    """Return trends by month in which topic 0 turns, topic 1 bursts twice, 2 has one odd month, 4 and 5 grow.

    Topics 4 and 5 also get a forecast, made by hand; the last month is incomplete.
    """
    n = 49
    month = np.arange(n)
    ratios = {
        "Routing": 0.03 * np.exp(0.07 * np.minimum(month, 26) - 0.07 * np.maximum(month - 26, 0)),
        "Pruning": np.where((month // 5 == 2) | (month // 4 == 9), 0.14, 0.04),
        "Kernels": np.where(month == 20, 0.15, 0.03),
        "Codes": np.full(n, 0.05),
        "Graphs": 0.04 * np.exp(0.02 * month),
        "Tokens": 0.03 * np.exp(0.02 * month),
    }
    rng = np.random.default_rng(7)
    totals = rng.integers(360, 440, n)
    totals[-1] = 90
    periods = pd.date_range("2020-01-01", periods=n, freq="MS").as_unit("us")
    columns = {label: rng.binomial(totals, ratio) for label, ratio in ratios.items()}
    columns = {"unassigned": totals - sum(columns.values()), **columns}
    plain = pd.concat(
        pd.DataFrame(
            {"topic_id": t - 1, "label": label, "period": periods, "n_papers": counts, "n_total": totals}
        )
        for t, (label, counts) in enumerate(columns.items())
    )
    found = timeline.measure(plain.assign(complete=plain["period"] < periods[-1]), every="month")
    ahead = pd.DataFrame(
        {
            "topic_id": np.repeat(np.array([4, 5], "int32"), 4),
            "period": np.tile(pd.date_range(periods[-1], periods=4, freq="MS").as_unit("us"), 2),
            "share": [0.100, 0.102, 0.104, 0.106, 0.080, 0.081, 0.082, 0.083],
        }
    )
    ahead["share_low"], ahead["share_high"] = ahead["share"] * 0.8, ahead["share"] * 1.25
    skill = found.skill.assign(pooled_mase=0.88, pooled_limit=0.92, pooled_coverage=0.8)
    skill["shown"] = skill.index.isin([4, 5])
    return replace(found, forecast=ahead, skill=skill)


PAYLOADS = (
    "</script><script>window.__pwn=1</script>",
    '"><img src=x onerror="window.__pwn=1">',
    '<a href="https://evil.example/">here</a>',
    '<b style="background-image:url(https://evil.example/b)">b</b>',
    "{{ 7 * 7 }} %{x} <!-- \u2028 &amp;",
    "a\x00b\x1bc\u202e",
    "=HYPERLINK(1)",
)
"""What a title, tag, venue, label or file name may hold that must be shown and never run."""


def hostile_file(folder: Path, n: int = 60) -> Path:
    """Write n papers as JSON Lines in which every text is a payload; the name of the file is one too."""
    file = folder / "<img src=x onerror=window.__pwn=1> & =1.jsonl"
    addresses = ("javascript:window.__pwn=1", "https://ok.example/?a=1&b=\"'<", "data:text/html,x", "//evil")
    rows = [
        {
            "id": f"{PAYLOADS[i % 7]}{i}",
            "title": f"{PAYLOADS[i % 7]} number {WORDS[i % 10]} {i}",
            "abstract": f"{PAYLOADS[(i + 1) % 7]} {WORDS[i % 10]} {WORDS[i * 3 % 7]} {i}",
            "date": f"{2016 + i % 8}-{1 + i % 12:02d}-{1 + i % 27:02d}",
            "venue": PAYLOADS[i % 7],
            "tags": [PAYLOADS[(i + 2) % 7]],
            "authors": [PAYLOADS[(i + 3) % 7]],
            "url": addresses[i % 4],
        }
        for i in range(n)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file
