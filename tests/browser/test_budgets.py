"""What the page costs: bytes, time to the first chart, memory, nodes; and the real reports, opened whole.

Titles are drawn from the words of the embedded sample, so that they compress as real ones do.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import toys
from pages import draw_all, status, violations

import trends as tr
from trends.core.tables import PRECISION_TYPE
from trends.report import Report

ASSETS = Path(tr.__file__).parent / "report" / "assets"
HEAP, NODES = 80e6, 15_000


def many(n, k):
    """Return papers, topics and trends of n papers in k topics, made and not fitted."""
    rng = np.random.default_rng(11)
    words = np.array(sorted({w for title in tr.sample()["title"] for w in title.split()}))
    sizes = rng.integers(6, 12, n)
    drawn = np.split(rng.choice(words, sizes.sum()), np.cumsum(sizes)[:-1])
    days = np.sort(rng.integers(0, 3_000, n))
    papers = pd.DataFrame(
        {
            "title": [" ".join(row) for row in drawn],
            "abstract": "",
            "date": (pd.Timestamp("2017-01-01") + pd.to_timedelta(days, unit="D")).as_unit("us"),
            "date_precision": pd.Categorical(["day"] * n, dtype=PRECISION_TYPE),
            "tags": [()] * n,
        },
        index=pd.Index(
            [f"arxiv:{1701 + d // 30 % 12 + d // 365 * 100}.{i:05d}" for i, d in enumerate(days)],
            name="paper_id",
        ),
    ).astype({"title": "str", "abstract": "str"})
    labels = tuple(" ".join(rng.choice(words, 3)) for _ in range(k))
    topics = toys.topics(papers, labels)
    members = topics.members.assign(
        x=rng.normal(size=n).round(3), y=rng.normal(size=n).round(3), similarity=rng.uniform(0.3, 0.9, n)
    )
    centroids = rng.standard_normal((k, 24)).astype("float32")
    topics = replace(
        topics, members=members, centroids=centroids / np.linalg.norm(centroids, axis=1)[:, None]
    )
    return papers, topics, tr.measure(tr.count(papers, topics, every="quarter"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("budgets")


def test_our_own_code_is_small():
    assert sum(file.stat().st_size for file in ASSETS.iterdir()) <= 60_000


@pytest.mark.parametrize(("n", "k", "most"), [(5_000, 20, 2.6e6), (50_000, 100, 7e6)], ids=["5000", "50000"])
def test_a_page_keeps_its_budget(opened, folder, n, k, most):
    report = Report.standard(*many(n, k), title=f"{n:,} papers")
    assert report.papers["title"].str.len().mean() > 70
    path = report.save(folder / f"{n}.html")
    assert path.stat().st_size <= most
    page = opened(url=path.as_uri())
    status(page, f"All {n:,} papers.")
    assert page.evaluate("document.getElementsByTagName('*').length") <= NODES
    draw_all(page)
    measured = page.evaluate("performance.memory.usedJSHeapSize")
    assert measured <= HEAP
    page.select_option("#follow", "topic-3")
    page.wait_for_function("() => document.getElementById('paper-chip').textContent !== ''")
    title = report.papers.query("topic_id == 3")["title"].iloc[-1]
    page.fill("#paper-search", title)
    page.wait_for_function("t => document.querySelector('#paper-table td').innerText.includes(t)", arg=title)


def look_over(opened, url, scheme):
    """Open everything in a page and return what axe finds; `opened` checks requests and messages."""
    page = opened(url=url, scheme=scheme, bypass_csp=True)
    draw_all(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.select_option("#follow", "topic-1")
    found = violations(page)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".plot .main-svg").count() >= page.locator(".plot").count()
    return found


@pytest.mark.slow
def test_the_report_of_the_sample_is_silent_and_accessible(opened, folder):
    path = tr.run(encoder="lsa").report(folder / "sample.html")
    for scheme in ("light", "dark"):
        assert look_over(opened, path.as_uri(), scheme) == []


@pytest.mark.slow
@pytest.mark.data
def test_the_report_of_daily_papers_is_silent_and_accessible(opened, folder, shared_data):
    path = tr.run(shared_data / "hf_daily" / "hf_daily.jsonl.gz", encoder="lsa").report(folder / "daily.html")
    assert path.stat().st_size <= 4e6
    assert look_over(opened, path.as_uri(), "dark") == []
