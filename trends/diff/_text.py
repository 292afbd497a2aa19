"""What changed, in one sentence and in a short Markdown text for a mail or a chat message."""

from collections.abc import Iterable

from trends.core.diff import Diff
from trends.core.escape import clean_text, markdown_text

MOST = 5
"""Things of one kind that a line names; more are counted."""

LETTERS = 80
NOTHING = "Nothing changed"


def summary(diff: Diff) -> str:
    """Say in one sentence what changed, or that nothing did."""
    if diff.nothing_changed:
        return f"{NOTHING}: the same papers, topics, calls and settings."
    papers = diff.papers["change"].value_counts()
    events = diff.topics["event"].value_counts()
    n_moved = int(diff.movers["moved"].sum())
    said = [
        _many(int(papers.get("new", 0)), "new paper"),
        _many(int(papers.get("gone", 0)), "paper") + " gone" if papers.get("gone", 0) else "",
        *(
            f"{_many(int(events[event]), 'topic')} {event}"
            for event in ("born", "ended", "replaced", "merged", "split", "renamed")
            if events.get(event, 0)
        ),
        _many(int(papers.get("another topic", 0)), "paper") + " in another topic"
        if papers.get("another topic", 0)
        else "",
        _many(len(diff.calls), "call") + " changed" if len(diff.calls) else "",
        _many(n_moved, "topic") + " moved beyond chance" if n_moved else "",
    ]
    said = [part for part in said if part]
    if not said:
        said = ["no paper, topic or call is another one, but dates, counts or settings are"]
    sentence = ", ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def lines(diff: Diff) -> list[tuple[str, str]]:
    """Return (heading, sentence) for each kind of change, in raw text; at most one line of each kind."""
    parts = [
        ("Papers", _papers(diff)),
        ("Born", _topics(diff, "born")),
        ("Ended", _topics(diff, "ended")),
        ("Replaced", _topics(diff, "replaced")),
        ("Merged", _topics(diff, "merged")),
        ("Split", _topics(diff, "split")),
        ("Renamed", _topics(diff, "renamed")),
        ("Calls", _calls(diff)),
        ("Shares", _movers(diff)),
        ("Earlier counts", _counts(diff)),
        ("Settings", _settings(diff)),
    ]
    return [(name, text) for name, text in parts if text]


def markdown(diff: Diff) -> str:
    """Return all of it in at most 25 lines of Markdown."""
    titles = [markdown_text(title) for title in diff.titles]
    since = f" since {titles[0]}" if diff.titles[0] not in ("", diff.titles[1]) else ""
    text = [f"**{titles[1] or 'Trends'}: what changed{since}**", "", markdown_text(diff.summary, 400)]
    notes = [f"> {markdown_text(note, 400)}" for note in diff.notes]
    found = [f"- **{name}:** {markdown_text(said, 1_200)}" for name, said in lines(diff)]
    for block in (notes, found):
        if block:
            text += ["", *block]
    return "\n".join(text) + "\n"


def _papers(diff: Diff) -> str:
    n = diff.papers["change"].value_counts()
    late = int(diff.papers["late"].sum())
    parts = [
        f"{int(n['new']):,} new" + (f", {late:,} of them late" if late else "") if "new" in n else "",
        f"{int(n['gone']):,} gone" if "gone" in n else "",
        f"{int(n['another period']):,} dated to another {diff.every}" if "another period" in n else "",
        f"{int(n['another topic']):,} in another topic, merges and splits aside"
        if "another topic" in n
        else "",
    ]
    return "; ".join(part for part in parts if part) + "." if any(parts) else ""


def _topics(diff: Diff, event: str) -> str:
    rows = diff.topics[diff.topics["event"] == event]
    said = []
    for row in rows.itertuples():
        if event in ("born", "ended"):
            label, n = (row.now[0], row.n_papers) if event == "born" else (row.before[0], row.n_before)
            said.append(f"{_quoted(label)} ({_many(n, 'paper')})")
        elif event == "renamed":
            said.append(f"{_quoted(row.before[0])} is now {_quoted(row.now[0])}")
        else:
            said.append(f"{_joined(row.before)} into {_joined(row.now)} ({row.n_shared:,} papers)")
    return _listed(said)


def _calls(diff: Diff) -> str:
    rows = diff.calls.itertuples()
    return _listed([f"{_quoted(row.label)} was {row.before}, is {row.now}: {row.because}" for row in rows])


def _movers(diff: Diff) -> str:
    moved = diff.movers[diff.movers["moved"]]
    tested = diff.movers["q"].notna()
    if not len(moved):
        if not tested.any():
            return ""
        row = diff.movers[tested].iloc[0]
        return f"no topic’s share of {row['now']} differs from that of {row['then']} beyond chance."
    first = moved.iloc[0]
    said = [
        f"{_quoted(row.label)} {row.share_then:.1%} to {row.share_now:.1%}, {100 * row.change:+.1f} points "
        f"({100 * row.change_low:+.1f} to {100 * row.change_high:+.1f}, q {_chance(row.q)})"
        for row in moved.itertuples()
    ]
    return f"{first['now']} against {first['then']}: {_listed(said)}"


def _counts(diff: Diff) -> str:
    rows = diff.counts[diff.counts["complete_before"]].sort_index(ascending=False).itertuples()
    return _listed([f"{row.label} has {row.n_now:,} papers, had {row.n_before:,}" for row in rows])


def _settings(diff: Diff) -> str:
    rows = diff.parameters.itertuples(index=False)
    return _listed([f"{row.name} is {row.now}, was {row.before}" for row in rows])


def _chance(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def _quoted(label: str) -> str:
    cleaned = clean_text(str(label))
    return f"“{cleaned if len(cleaned) <= LETTERS else cleaned[: LETTERS - 1].rstrip() + '…'}”"


def _joined(labels: Iterable[str]) -> str:
    names = [_quoted(label) for label in labels]
    if len(names) > MOST:
        names = [*names[: MOST - 1], f"{len(names) - MOST + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _listed(said: list[str]) -> str:
    if not said:
        return ""
    more = f"; and {len(said) - MOST:,} more" if len(said) > MOST else ""
    return "; ".join(said[:MOST]) + more + "."


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""
