"""Every table and chart of the page as a file, and the provenance as it went in."""

import csv
import io
import json
import math

import pytest
import toys
from conftest import LABELS
from pages import draw_all, saved, status

from trends import plot
from trends.report import Report

FILES = {
    "findings": "findings.csv",
    "health": "corpus-health.csv",
    "followed": "followed-themes.csv",
    "topics": "topics.csv",
    "growth": "rising-and-falling.csv",
}


@pytest.fixture(scope="module")
def report():
    papers = toys.papers(180)
    papers.loc["local-0", "title"] = "Überraschende Kodierung of caches"
    topics = toys.topics(papers, LABELS)
    options = {"title": "Toy papers", "health": toys.health(papers), **toys.followed(papers)}
    return Report.standard(papers, topics, toys.eventful(), **options)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def same(found, expected):
    """Tell whether a cell of a CSV says what was computed."""
    if expected is None or (isinstance(expected, float) and math.isnan(expected)):
        return found == ""
    if isinstance(expected, bool):
        return found == str(expected).lower()
    if isinstance(expected, int | float):
        return math.isclose(float(found), expected, rel_tol=1e-6, abs_tol=1e-6)
    return found.removeprefix("'") == str(expected)


def test_every_table_is_saved_with_the_numbers_that_were_computed(opened, report):
    page = opened(followed=True)
    draw_all(page)
    sections = {section.id: section for section in report.sections}
    names = page.eval_on_selector_all("[data-save]", "buttons => buttons.map(b => b.dataset.save)")
    assert names == list(FILES)
    for name in names:
        file, text = saved(page, f"[data-save={name}]")
        assert file == FILES[name]
        rows, table = rows_of(text), sections[name].table
        assert len(rows) == len(table), name
        if name == "findings":
            told = ["".join(part for part, _ in parts) for parts in table["parts"]]
            assert [row["text"] for row in rows] == told
            assert [int(row["topic_id"]) for row in rows] == table["topic_id"].tolist()
            continue
        shared = [column for column in rows[0] if column in table.columns]
        assert len(shared) >= 2, name
        for row, (_, expected) in zip(rows, table.iterrows()):
            for column in shared:
                value = expected[column]
                if isinstance(value, tuple):
                    value = "; ".join(value)
                elif hasattr(value, "strftime"):
                    value = f"{value:%Y-%m-%d}"
                elif hasattr(value, "item"):
                    value = value.item()
                assert same(row[column], value), (name, column, row[column], value)


def test_every_chart_is_saved_with_the_numbers_of_its_table(opened, report):
    page = opened(followed=True)
    draw_all(page)
    charts = [section for section in report.sections if section.figure is not None]
    assert page.locator("[data-get=csv]").count() == len(charts)
    for number, section in enumerate(charts, start=1):
        if number == 8:
            # Chromium may hold back the eleventh file of one page.
            page = opened(followed=True)
        file, text = saved(page, f"[data-chart=fig-{number:02d}][data-get=csv]")
        assert file.startswith(f"{number:02d}-")
        rows = rows_of(text)
        if section.kind == "map":
            assert len(rows) == len(report.papers)
            continue
        table = plot.table(section.figure)
        assert list(rows[0]) == list(table.columns), section.id
        assert len(rows) == len(table), section.id
        for row, expected in zip(rows, table.to_dict("records")):
            for column, value in expected.items():
                value = value.item() if hasattr(value, "item") else value
                assert same(row[column], value), (section.id, column, row[column], value)


def test_the_papers_that_are_shown_are_saved(opened, report):
    page = opened(followed=True)
    status(page, "All 180 papers.")
    _, text = saved(page, "#paper-csv")
    rows = rows_of(text)
    assert sorted(row["title"] for row in rows) == sorted(report.papers["title"])
    expected = {row.title: row for row in report.papers.itertuples()}
    for row in rows:
        paper = expected[row["title"]]
        assert row["date"] == f"{paper.date:%Y-%m-%d}"
        assert int(row["topic_id"]) == paper.topic_id
        assert row["topic"].removeprefix("'") == report.topics[paper.topic_id]
        assert float(row["similarity"]) == pytest.approx(paper.similarity, abs=0.006)
    page.select_option("#follow", "topic-3")
    _, text = saved(page, "#paper-csv")
    assert {row["topic"] for row in rows_of(text)} == {"Codes"}


def test_the_provenance_comes_back_as_it_went_in(opened, report):
    page = opened(followed=True)
    file, text = saved(page, "#provenance-json")
    assert file == "provenance.json"
    assert json.loads(text) == report.provenance
    shown = page.inner_text("#origin")
    assert report.provenance["made_by"] in shown
