"""The page of a study with a history: old links arrive, lines read in both themes, on paper and by key."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import toys
from pages import EACH_ONCE, draw_all, saved, violations

import trends as tr
from trends.report import Report
from trends.topics._ledger import BY_FIT, appended, births, told

LABELS = ("Routing", toys.PAYLOADS[0], "Kernels", "Codes", "Graphs", "Tokens")


@pytest.fixture(scope="module")
def page_of_history(tmp_path_factory):
    """Six topics; 1, of a hostile name, went into 0 by hand, 5 died in a refit, and 2 was renamed."""
    papers = toys.papers(180)
    topics = toys.topics(papers, LABELS)
    topics = replace(topics, ledger=births(topics.table, "first", "cluster"))
    vectors = vectors_of(papers)
    topics = tr.merge(papers, vectors, tr.rename(topics, 2, "A <b>new</b> name"), [0, 1])
    moved = topics.members["topic_id"].mask(topics.members["topic_id"] == 5, 3)
    table = topics.table.drop(index=5)
    after = replace(
        topics,
        table=table.assign(n_papers=moved.value_counts().reindex(table.index).to_numpy("int64")),
        members=topics.members.assign(topic_id=moved.astype("int32")),
        centroids=topics.centroids[:-1],
        cutoffs=topics.cutoffs[:-1],
    )
    rows = [{"event": "keep", "old_ids": (k,), "new_ids": (k,)} for k in after.table.index]
    rows = told([*rows, {"event": "death", "old_ids": (5,)}], topics, after)
    after = replace(after, ledger=appended(topics.ledger, rows, table, fit_id="second", by=BY_FIT))
    report = Report.standard(papers, after, toys.trends(papers, after), title="A history")
    return report.save(tmp_path_factory.mktemp("history") / "report.html").as_uri()


def vectors_of(papers):
    rows = np.random.default_rng(0).standard_normal((len(papers), 6)).astype("float32")
    return pd.DataFrame(rows / np.linalg.norm(rows, axis=1)[:, None], index=papers.index)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_old_link_to_an_ended_topic_arrives_and_says_where_its_papers_went(
    opened, page_of_history, javascript
):
    wait = "html[data-ready=charts]" if javascript else ""
    page = opened(url=page_of_history, at="#topic-5", wait=wait, java_script_enabled=javascript)
    row = page.locator("#topic-5")
    row.wait_for(state="visible")
    assert "Ended: its" in row.inner_text()
    assert "went to “Codes” (100%)" in row.inner_text()
    page.wait_for_timeout(700)
    box = row.bounding_box()
    assert 0 <= box["y"] <= 900 - box["height"]
    row.locator("a").click()
    page.wait_for_timeout(100)
    assert page.url.endswith("#topic-3")


def test_an_ended_topic_is_followed_by_nobody(opened, page_of_history):
    page = opened(url=page_of_history, at="#topic-1")
    assert page.locator("#following").is_hidden()
    assert page.eval_on_selector_all("#follow option", "o => o.map(x => x.value)").count("topic-1") == 0


def test_hostile_names_stand_as_they_are_written(opened, page_of_history):
    page = opened(url=page_of_history)
    assert page.locator("#topic-1 th").inner_text().startswith(tr.core.escape.clean_text(LABELS[1])[:20])
    assert "“A <b>new</b> name”" in page.locator("#topic-2 .history").inner_text()
    assert page.evaluate("window.__pwn") is None
    name, text = saved(page, "[data-save=ended]")
    assert name == "topics-that-ended.csv"
    assert text.splitlines()[0] == "topic_id,label,n_papers,born,ended,heirs,text"
    assert len(text.splitlines()) == 3


@pytest.mark.parametrize(("scheme", "width"), EACH_ONCE)
def test_axe_finds_no_violation_in_a_history(opened, page_of_history, scheme, width):
    page = opened(url=page_of_history, scheme=scheme, width=width, bypass_csp=True)
    draw_all(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_links_of_a_history_are_reached_by_key_and_paper_has_every_line(opened, page_of_history):
    page = opened(url=page_of_history)
    link = page.locator("#topic-0 .history a").first
    link.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#topic-1"
    page.emulate_media(media="print")
    assert page.locator(".history li").count() == page.locator(".history li:visible").count() > 8
    assert page.locator("table.ended tbody tr:visible").count() == 2
