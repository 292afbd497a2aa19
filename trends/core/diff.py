"""What changed between two studies, as a frozen record of tables."""

import json
from dataclasses import dataclass

import pandas as pd

from trends.core.escape import html_text

TABLES = ("papers", "topics", "calls", "movers", "counts", "parameters", "flows")


@dataclass(frozen=True, eq=False, repr=False)
class Diff:
    """What is new since an earlier study. Every table is empty where nothing changed, but for `flows`.

    Attributes
    ----------
    papers
        paper_id, change ("new", "gone", "another period", "another topic"), title, date, topic_id and
        earlier_id (missing where the paper is not in that study), before and now (the period or the label of
        the topic), late (a new paper of a period that the earlier study took for complete); one row for each
        change of a paper.
    topics
        event ("born", "ended", "replaced" by one that holds most of its papers but too many others, "merged",
        "split", "renamed", "kept"), earlier_ids and topic_ids (tuples, each as numbered in its own study),
        before and now (tuples of labels), n_before and n_papers, n_shared (papers that both sides hold),
        jaccard (n_shared over the papers in both studies that either side holds); every topic of both
        studies is in at least one row.
    calls
        Index topic_id: label, earlier_id, before and now (status), growth_before, growth_now, growth_low,
        growth_high (odds ratio per year; the interval is that of now), because (what changed the status, in
        words); only topics whose status is another one.
    movers
        Index topic_id, the largest change first: label, then and now (the periods compared, in words),
        n_then, total_then, share_then, n_now, total_now, share_now (all as the later study counts), change,
        change_low, change_high (of the share, 95 % interval), p, q, moved (q of at most 0.05), and for
        topics that the earlier study knew, of the periods `then`: share_before (as it was reported),
        refit_effect, papers_effect (what the other assignment of the same papers, and papers added, moved or
        gone since, make of it).
    counts
        Index period, those of the earlier study whose papers are others now: label, n_before, n_now,
        n_added, n_gone, n_moved_in, n_moved_out, complete_before.
    parameters
        name, before, now: what was set differently.
    flows
        earlier_id, topic_id, n_papers: how the papers of one study lie in the topics of the other, -1 the
        unassigned; earlier_id is missing for new papers, topic_id for those that are gone. `label_before`,
        `label` and `heir` (the later topic that continues the earlier one, else missing) go with them.
    every
        The period counted by.
    titles
        The titles of the earlier and the later study.
    notes
        What limits the comparison, the gravest first.
    summary
        All of it in one sentence.
    text
        All of it in at most 25 lines of Markdown, safe to send whatever the titles and labels hold.
    """

    papers: pd.DataFrame
    topics: pd.DataFrame
    calls: pd.DataFrame
    movers: pd.DataFrame
    counts: pd.DataFrame
    parameters: pd.DataFrame
    flows: pd.DataFrame
    every: str
    titles: tuple[str, str]
    notes: tuple[str, ...]
    summary: str
    text: str

    @property
    def nothing_changed(self) -> bool:
        """Whether papers, topics, calls, counts and parameters are the same."""
        changed = (self.papers, self.calls, self.counts, self.parameters)
        return not any(map(len, changed)) and bool(self.topics["event"].eq("kept").all())

    def json(self) -> str:
        """Return summary, notes and tables, one record per row, as JSON text; null for what is missing."""
        tables = {name: getattr(self, name).to_json(orient="table", date_format="iso") for name in TABLES}
        records = {name: json.loads(text)["data"] for name, text in tables.items()}
        said = {
            "titles": self.titles,
            "every": self.every,
            "nothing_changed": self.nothing_changed,
            "summary": self.summary,
            "notes": self.notes,
        }
        return json.dumps({**said, **records}, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def __repr__(self) -> str:
        return f"<Diff: {self.summary}>"

    def _repr_html_(self) -> str:
        """Return the summary and the notes without links or scripts, for notebooks."""
        notes = "".join(f"<li>{html_text(note)}</li>" for note in self.notes)
        return f"<div><strong>{html_text(self.summary)}</strong>{f'<ul>{notes}</ul>' if notes else ''}</div>"
