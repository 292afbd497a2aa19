"""A corpus in which every text is an attack, from the file to each surface of the page in Chromium.

Half of the titles are as the loader leaves them, half are put in as they were, as a table made by hand would
bring them. Nothing may run, nothing may be asked for, everything is shown as it is written, nothing is lost.
"""

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest
import toys
from pages import draw_all, saved, status, violations

import trends as tr
from trends.core.escape import clean_text
from trends.report import Report
from trends.topics import watch as follow

N = 70
LABELS = toys.PAYLOADS[:6]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "in").mkdir()
    file = toys.hostile_file(folder / "in", N)
    papers = tr.load(folder / "in")
    raw = [f"{toys.PAYLOADS[i % 7]} {toys.WORDS[i % 10]} {i}" for i in range(len(papers))]
    odd = pd.Series(range(len(papers)), index=papers.index) % 2 == 1
    papers["title"] = papers["title"].mask(odd, pd.Series(raw, index=papers.index))
    papers["venue"] = papers["venue"].mask(odd, toys.PAYLOADS[1])
    papers["url"] = papers["url"].mask(odd, "javascript:window.__pwn=1")
    topics = toys.topics(papers, LABELS)
    table = topics.table.assign(terms=[toys.PAYLOADS] * 6, term_weights=[tuple(range(7))] * 6)
    topics = replace(topics, table=table)
    trends = toys.eventful()
    labels = pd.Series(LABELS, index=trends.calls.index, dtype="str")
    trends = replace(trends, calls=trends.calls.assign(label=labels, caveats=labels, reason=labels))
    counted = tr.measure(tr.count(papers, topics, every="year"))
    themes = [{"name": f"{text} theme", "phrases": ["sparse", text]} for text in toys.PAYLOADS[:4]]
    vectors = pd.DataFrame(1.0, index=papers.index, columns=range(4)).add(
        pd.Series(range(len(papers)), index=papers.index) % 7, axis=0
    )
    watch = follow(papers, vectors.astype("float32"), themes)
    report = Report.standard(
        papers,
        topics,
        trends,
        title=toys.PAYLOADS[0],
        provenance={"files": papers.attrs["reading"], toys.PAYLOADS[1]: toys.PAYLOADS[0]},
        watch=watch,
        followed=tr.measure(tr.timeline.count_themes(papers, watch, every="year")),
    )
    report = report.add(toys.PAYLOADS[2], tr.plot.coverage(papers, counted), toys.PAYLOADS[3])
    return papers, report, file.name, report.save(folder / "hostile.html", abstracts=True).as_uri()


def test_no_paper_is_lost_between_file_and_page(opened, hostile):
    papers, report, _, url = hostile
    assert len(papers) == N
    assert len(report.papers) == N
    page = opened(url=url)
    status(page, f"All {N} papers.")
    _, text = saved(page, "#paper-csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted(r["title"].removeprefix("'") for r in rows) == sorted(map(clean_text, papers["title"]))
    assert not [r for r in rows for cell in r.values() if cell[:1] in ("=", "+", "@")]


def test_nothing_runs_wherever_the_pointer_goes(opened, hostile):
    *_, url = hostile
    page = opened(url=url)
    draw_all(page)
    n = page.evaluate(
        """async () => {
            let n = 0;
            const pause = () => new Promise(done => setTimeout(done, 60));
            for (const plot of document.querySelectorAll('.plot')) {
                for (let c = 0; c < plot.data.length; c++) {
                    const trace = plot.data[c], last = (trace.x || trace.y).length - 1;
                    const place = trace.type === 'heatmap' ? [1, 0] : last;
                    Plotly.Fx.hover(plot, [{ curveNumber: c, pointNumber: place }],
                        trace.xaxis ? [trace.xaxis + (trace.yaxis || 'y')] : undefined);
                    n += 1;
                    await pause();
                }
                Plotly.Fx.unhover(plot);
            }
            return n;
        }"""
    )
    assert n > 60
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for key in page.eval_on_selector_all("#follow option", "all => all.map(o => o.value)"):
        page.select_option("#follow", key)
    page.select_option("#follow", "topic-1")
    page.fill("#map-search", "onerror=")
    page.fill("#topic-search", "<script>")
    page.fill("#paper-search", "</b>")
    page.wait_for_timeout(300)
    assert page.evaluate("window.__pwn") is None
    assert page.locator("img, iframe, object, embed, form, base").count() == 0
    assert page.evaluate("document.scripts.length") == 3, "ours, the library, the provenance"
    assert page.evaluate("[...document.querySelectorAll('svg a, svg image[href^=http]')].length") == 0


def test_payloads_are_shown_as_they_are_written(opened, hostile):
    _, _, file, url = hostile
    page = opened(url=url)
    draw_all(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for section in ("findings", "health", "followed", "topics", "cards", "origin", "papers"):
        assert "<" in page.inner_text(f"#{section}"), section
    assert toys.PAYLOADS[0] in page.inner_text("h1")
    assert page.title() == toys.PAYLOADS[0]
    assert file in page.inner_text("#origin")
    assert file in page.inner_text("#health")
    for chart in ("shares", "ranks", "stream", "terms", "similarity", "hierarchy", "growth"):
        assert "<" in page.locator(f"#{chart} .main-svg").first.evaluate("s => s.parentNode.textContent"), (
            chart
        )
    page.select_option("#follow", "topic-1")
    assert page.inner_text("#following-name") == LABELS[1]
    assert page.inner_text("#paper-chip") == f"Topic: {LABELS[1]}"
    assert LABELS[1] in page.inner_text("#follow-status")
    hovered = page.evaluate(
        """async () => {
            const plot = document.querySelector('#ranks .plot');
            const at = plot.data.findIndex(t => t.meta.topic === 2 && t.hovertemplate);
            Plotly.Fx.hover(plot, [{ curveNumber: at, pointNumber: 3 }]);
            await new Promise(done => setTimeout(done, 200));
            return plot.querySelector('.hoverlayer').textContent;
        }"""
    )
    assert LABELS[2] in hovered


def test_every_link_leads_to_a_web_address_or_into_the_page(opened, hostile):
    *_, url = hostile
    page = opened(url=url)
    status(page, f"All {N} papers.")
    links = page.eval_on_selector_all("a", "all => all.map(a => [a.getAttribute('href'), a.rel])")
    assert len(links) > 50
    for href, rel in links:
        assert href.startswith(("#", "https://", "http://")), href
        assert href.startswith("#") or rel == "noopener noreferrer"
        assert href.startswith("#") or "evil" not in href
    inside = sorted({href for href, _ in links if href.startswith("#")})
    for href in inside:
        page.evaluate("href => document.querySelector(`a[href='${href}']`).click()", href)
        assert page.locator(href).count() == 1, href
    assert page.evaluate("window.__pwn") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_a_hostile_page(opened, hostile, scheme):
    page = opened(url=hostile[-1], scheme=scheme, bypass_csp=True)
    draw_all(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page) == []
