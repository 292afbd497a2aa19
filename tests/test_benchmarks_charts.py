"""The page beside the peers' charts says what was measured, and the measuring sees what a page does."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import trends as tr

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from benchmarks.charts import browser, given, pictures, tables  # noqa: E402

PAGE = (ROOT / "docs" / "side-by-side.md").read_text(encoding="utf-8")
FOUND = json.loads((ROOT / "benchmarks" / "results" / "charts.json").read_text(encoding="utf-8"))


def test_the_page_shows_the_tables_of_the_results():
    assert "\n".join(tables.lines(FOUND)).strip() in PAGE


def test_the_page_shows_all_pictures_and_none_is_large():
    shown = re.findall(r"\]\(pictures/(side-[\w-]+\.png)\)", PAGE)
    kept = {path.name: path for path in pictures.PICTURES.glob("side-*.png")}
    assert sorted(shown) == sorted(kept)
    assert max(path.stat().st_size for path in kept.values()) < pictures.MOST
    assert all(text.strip() for text in re.findall(r"!\[(.*?)\]", PAGE, re.S))


def figures(milliseconds, requests=0, size=1e6, rules=()):
    return {
        "bytes": size,
        "first chart, ms": milliseconds,
        "heap, MB": 10.0,
        "requests": ["https://example.org"] * requests,
        "axe": dict.fromkeys(rules, 1),
    }


def test_a_row_adds_sizes_and_spans_times():
    pages = {"bertopic/a": figures(1000, rules=("x",)), "bertopic/b": figures(2500, rules=("x", "y"))}
    row = tables.row("Two", pages, ("bertopic/",))
    assert row == "| Two | 2.00 MB (2 files) | 1.0 to 2.5 s | none | 10 MB | 2 |"


def test_a_page_that_needs_the_network_is_told_with_and_without_it():
    pages = {"m": figures(None, requests=4), "m" + tables.HELD: figures(1500, requests=4)}
    assert tables.row("Map", pages, ("m",)) == (
        "| Map | 1.00 MB | never; with its scripts 1.5 s | 4 | 10 MB | 0 |"
    )
    del pages["m" + tables.HELD]
    assert "| never | 4 |" in tables.row("Map", pages, ("m",))
    assert tables.row("None", pages, ("absent",)) == "| None | not drawn | | | | |"


@pytest.mark.slow
def test_tools_are_handed_the_same_papers_topics_and_places(tmp_path):
    study = tr.run(tr.sample(), encoder="lsa", n_topics=6)
    given.hand_over(study, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "papers.jsonl").read_text("utf-8").splitlines()]
    members = study.topics.members.loc[[row["id"] for row in rows]]
    assert len(rows) == len(study.papers)
    assert [row["topic_id"] for row in rows] == members["topic_id"].tolist()
    np.testing.assert_allclose([row["x"] for row in rows], members["x"])
    assert np.load(tmp_path / "vectors.npy").shape[0] == len(rows)
    told = json.loads((tmp_path / "topics.json").read_text(encoding="utf-8"))
    assert told["labels"] == {str(topic): label for topic, label in study.topics.labels.items()}
    assert {len(row) for row in told["popularity"].values()} == {len(told["periods"])}


@pytest.fixture(scope="module")
def chromium(launch):
    running = launch(browser.ARGUMENTS)
    yield running
    running.close()


CHART = "<svg class='main-svg' role='img' aria-label='chart'></svg>"


@pytest.mark.browser
def test_a_page_is_measured_without_a_network(tmp_path, chromium, monkeypatch):
    monkeypatch.setattr(browser, "LOADS", 1)
    silent, needy = tmp_path / "silent.html", tmp_path / "needy.html"
    silent.write_text(f"<!doctype html><html lang='en'><title>A</title><main><h1>A</h1>{CHART}</main></html>")
    needy.write_text(f"<script src='https://example.org/a.js'></script>{CHART}<script>nothing()</script>")
    found = browser.measure(chromium, {"silent": (silent, None), "needy": (needy, None)})
    assert found["silent"]["first chart, ms"] is not None
    assert found["silent"]["requests"] == found["silent"]["console errors"] == []
    assert found["silent"]["axe"] == {}
    assert found["needy"]["requests"] == ["https://example.org/a.js"]
    assert any("nothing is not defined" in text for text in found["needy"]["console errors"])
    assert {"html-has-lang", "document-title"} <= set(found["needy"]["axe"])


@pytest.mark.browser
def test_a_page_without_a_chart_has_no_time(tmp_path, chromium, monkeypatch):
    monkeypatch.setattr(browser, "PATIENCE", 500)
    page = tmp_path / "empty.html"
    page.write_text("<!doctype html><div id='deck-container'><canvas></canvas></div><div id='loading'></div>")
    assert browser.load(chromium, page)["first chart, ms"] is None


def test_pictures_are_made_small(tmp_path):
    image = pytest.importorskip("PIL.Image")
    noise = np.random.default_rng(0).integers(0, 256, (600, 1280, 3), dtype=np.uint8)
    noise[:300] = 255
    image.fromarray(noise).save(tmp_path / "big.png")
    pictures.shrink(tmp_path / "big.png", tmp_path / "small.png")
    with image.open(tmp_path / "small.png") as small:
        assert small.width == pictures.WIDTH and small.mode == "P"
        assert small.convert("RGB").getpixel((9, 9)) == (255, 255, 255)
    assert (tmp_path / "small.png").stat().st_size < (tmp_path / "big.png").stat().st_size
