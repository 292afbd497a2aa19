"""Slides: the deck reopened, its numbers against the tables, hostile text, equal bytes, no browser."""

import io
import json
import re
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageStat
from pptx import Presentation
from pptx.util import Pt
from toys import eventful, followed, papers, topics, trends

from benchmarks import chromium
from trends import cli, plot
from trends.core.errors import DependencyError, InputError
from trends.core.escape import office_text
from trends.slides import export, refuse, without_images
from trends.slides._export import ImagesWarning
from trends.slides._figures import Chart, charts_of, fitted, main_sentence
from trends.slides._images import NO_BROWSER
from trends.slides._native import MOST_POINTS, native_of
from trends.study import run, study_of
from trends.testing import HashingEncoder
from trends.testing import papers as toy_papers

HOSTILE = (
    "</script><script>window.__pwn=1</script>",
    '<a href="https://evil.example/">here</a>',
    '=HYPERLINK("https://evil.example")',
    "a\x00b\x0bc\ud800\u202e\ufffe",
)
needs_chromium = pytest.mark.skipif(not chromium.FOUND, reason=chromium.ABSENT)


@pytest.fixture
def no_browser(monkeypatch, tmp_path):
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))


@pytest.fixture(scope="module")
def corpus():
    table = papers()
    found = topics(table)
    return table, found, trends(table, found)


@pytest.fixture(scope="module")
def written(corpus, tmp_path_factory):
    """A deck of yearly papers with followed themes, without images."""
    folder = tmp_path_factory.mktemp("slides") / "deck"
    table, found, measured = corpus
    measured_themes = followed(table)["followed"]
    files = [{"file": "/home/me/library.bib", "sha256": "0" * 64, "n_read": len(table)}]
    return export(
        table, found, measured, folder, title="A deck", followed=measured_themes, files=files,
        fingerprint="f" * 64, images=(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def eventful_deck(corpus, tmp_path_factory):
    """A deck of 49 months in which topics grow, burst and turn."""
    table, found, _ = corpus
    folder = tmp_path_factory.mktemp("slides") / "deck"
    return export(table, found, eventful(), folder, title="Events", images=())


def opened(folder):
    return Presentation(str(folder / "deck.pptx"))


def charts_in(deck):
    return [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]


def test_the_folder_holds_what_its_manifest_says(written):
    import hashlib

    told = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert (told["made_by"], told["title"], told["note"]) == ("trends slides", "A deck", "")
    on_disk = {p.relative_to(written).as_posix() for p in written.rglob("*") if p.is_file()}
    assert set(told["outputs"]) == on_disk - {"manifest.json"}
    for name, digest in told["outputs"].items():
        assert hashlib.sha256((written / name).read_bytes()).hexdigest() == digest
    assert "deck.pptx" in on_disk
    assert all(
        re.fullmatch(r"figures/\d\d-[a-z0-9-]+\.csv", name)
        for name in on_disk - {"deck.pptx", "manifest.json"}
    )


def test_every_slide_has_a_title_notes_and_a_source(written):
    deck = opened(written)
    assert (deck.slide_width.inches, deck.slide_height.inches) == (pytest.approx(13.333), 7.5)
    assert deck.core_properties.title == "A deck"
    assert deck.core_properties.language == "en-US"
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert len(set(titles)) == len(titles)
    for slide in deck.slides:
        assert slide.shapes.title.text_frame.text.strip()
        assert len(slide.notes_slide.notes_text_frame.text) > 40
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert any(text.startswith("Source: library.bib; 150 papers") for text in texts)
        assert "/home/me" not in " ".join(texts)
    figures = list(deck.slides)[2:-1]
    names = sorted(p.name for p in (written / "figures").glob("*.csv"))
    assert [
        re.search(r"Data: figures/(\S+)", s.notes_slide.notes_text_frame.text).group(1) for s in figures
    ] == names


def test_charts_tables_and_pictures_have_alternative_text(written):
    deck = opened(written)
    for slide in list(deck.slides)[2:-1]:
        told = [
            shape._element.find(".//{*}cNvPr").get("descr")
            for shape in slide.shapes
            if shape.has_chart or shape.has_table or shape.shape_type == 13
        ]
        assert len(told) == 1
        assert len(told[0]) > 30


@pytest.mark.parametrize("name", ["written", "eventful_deck"])
def test_no_type_is_smaller_than_18_points_but_the_source_line(name, request):
    deck = opened(request.getfixturevalue(name))
    small = set()
    for slide in deck.slides:
        assert slide.shapes.title.text_frame.paragraphs[0].runs[0].font.size >= Pt(28)
        frames = [shape.text_frame for shape in slide.shapes if shape.has_text_frame]
        for shape in slide.shapes:
            if shape.has_table:
                frames += [cell.text_frame for row in shape.table.rows for cell in row.cells]
        for piece in (piece for frame in frames for p in frame.paragraphs for piece in p.runs):
            assert piece.font.size is not None
            if piece.font.size < Pt(18):
                small.add((piece.font.size.pt, piece.text[:8]))
    assert small == {(12.0, "Source: ")}
    for chart in charts_in(deck):
        xml = chart._chartSpace
        assert chart.font.size >= Pt(18)
        sizes = [int(e.get("sz")) for e in xml.iter("{*}defRPr", "{*}rPr") if e.get("sz")]
        assert min(sizes) >= 1800


def test_titles_take_two_lines_at_most(written, eventful_deck):
    for folder in (written, eventful_deck):
        for slide in list(opened(folder).slides)[1:]:
            assert len(slide.shapes.title.text_frame.text) <= 112


@pytest.mark.parametrize("name", ["written", "eventful_deck"])
def test_numbers_in_the_workbooks_are_those_of_the_tables(name, request):
    folder = request.getfixturevalue(name)
    deck = opened(folder)
    compared = 0
    for slide in deck.slides:
        for shape in slide.shapes:
            if not shape.has_chart:
                continue
            data = re.search(r"Data: (\S+)", slide.notes_slide.notes_text_frame.text).group(1)
            table = pd.read_csv(folder / data)
            sheet = openpyxl.load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob)).active
            column = next(c for c in ("rank", "growth", "share", "n_papers") if c in table)
            if "source" in table:
                column = "n_papers"
            known = set(table[column].dropna().astype(float).round(6))
            n_series = len(list(shape.chart.plots[0].series))
            for at, series in enumerate(shape.chart.plots[0].series, start=2):
                cells = [sheet.cell(row, at).value for row in range(2, sheet.max_row + 1)]
                assert cells == list(series.values)
                assert sheet.cell(1, at).value == series.name
                assert {round(float(v), 6) for v in cells if v is not None} <= known
                compared += sum(value is not None for value in cells)
            assert n_series >= 1
    assert compared > 50


def test_lines_carry_every_point_of_the_highlighted_topics(eventful_deck):
    table = pd.read_csv(next((eventful_deck / "figures").glob("*-shares.csv")))
    chart = charts_in(opened(eventful_deck))[0]
    for topic_id, rows in table[table["highlighted"]].groupby("topic_id"):
        whole, rest = (
            next(s for s in chart.plots[0].series if s.name == name)
            for name in (rows["label"].iloc[0], f"{rows['label'].iloc[0]}, incomplete")
        )
        joined = [a if a is not None else b for a, b in zip(whole.values, rest.values)]
        assert joined == pytest.approx(rows.sort_values("period")["share"].tolist()), topic_id
        assert whole.values[-1] is None
        assert rest.values[-1] is not None
        assert rest.format.line.dash_style is not None


def test_the_key_does_not_name_unfinished_steps_apart(eventful_deck):
    chart = charts_in(opened(eventful_deck))[0]
    hidden = {int(e.find("{*}idx").get("val")) for e in chart._chartSpace.iter("{*}legendEntry")}
    names = [series.name for series in chart.plots[0].series]
    assert {names[at] for at in hidden} == {name for name in names if name.endswith(", incomplete")}


def test_growth_has_intervals_from_its_workbook(eventful_deck):
    table = pd.read_csv(next((eventful_deck / "figures").glob("*-growth.csv")))
    deck = opened(eventful_deck)
    slide = next(s for s in deck.slides if "-growth.csv" in s.notes_slide.notes_text_frame.text)
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    sheet = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
    drawn = chart._chartSpace.find(".//{*}errBars")
    plus = [float(v.text) for v in drawn.findall("{*}plus//{*}pt/{*}v")]
    below = [sheet.cell(row, 3).value for row in range(2, sheet.max_row + 1)]
    assert plus == pytest.approx((table["growth_high"] - table["growth"]).tolist())
    assert below == pytest.approx((table["growth"] - table["growth_low"]).tolist())
    assert chart._chartSpace.find(".//{*}logBase") is not None


def test_colours_are_those_of_the_report(corpus):
    _, _, measured = corpus
    figure = plot.shares(measured, theme="slide")
    native = native_of(Chart("shares", figure, plot.table(figure)), "year")
    in_figure = {
        t.name: t.line.color for t in plot.shares(measured).data if t.mode == "lines+markers" and t.line.color
    }
    assert {series.name: series.colour for series in native.series}.items() <= in_figure.items()


def test_shaky_topics_have_a_question_mark_in_editable_charts():
    measured = eventful()
    some = [int(topic_id) for topic_id in measured.calls.index[:2]]
    doubted = replace(measured, shaky=frozenset(some[:1]))
    for name, draw in (
        ("shares", plot.shares),
        ("growth", plot.growth),
        ("ranks", plot.bump),
        ("stream", plot.stream),
    ):
        marked = [
            native_of(Chart(name, figure, plot.table(figure)), "month")
            for figure in (draw(found, only=some, theme="slide") for found in (doubted, measured))
        ]
        shown = [
            sum("?" in text for text in (*(s.name for s in native.series), *native.categories))
            for native in marked
        ]
        assert shown == [1, 0]
        assert ["shaky" in native.note for native in marked] == [True, False]


def test_too_many_points_have_no_editable_form():
    measured = eventful()
    figure = plot.shares(measured, theme="slide")
    table = plot.table(figure)
    assert native_of(Chart("shares", figure, table), "month") is not None
    long = pd.concat(
        [
            table.assign(
                period_label=table["period_label"] + str(k), period=table["period"].str[:8] + f"{k + 1:02d}"
            )
            for k in range(2)
        ]
    )
    assert long["period"].nunique() > MOST_POINTS
    assert native_of(Chart("shares", figure, long.reset_index(drop=True)), "month") is None


def test_hostile_text_is_shown_and_nothing_runs(tmp_path):
    table = papers(120)
    texts = [text.replace("\ud800", "") for text in HOSTILE]  # pandas holds no lone surrogate
    table["title"] = [texts[i % 4] + str(i) for i in range(len(table))]
    table = table.assign(sources=[(texts[i % 2],) for i in range(len(table))])
    found = topics(table, tuple(texts))
    found = replace(
        found, table=found.table.assign(terms=[tuple(texts)] * 4, term_weights=[(4, 3, 2, 1)] * 4)
    )
    labels = pd.Series(texts, index=found.table.index, dtype="str")
    measured = trends(table, topics(table, tuple("abcd")))
    measured = replace(measured, calls=measured.calls.assign(label=labels))
    folder = export(
        table, found, measured, tmp_path / "s", title=HOSTILE[2] + HOSTILE[3], images=(),
        fingerprint=HOSTILE[0], files=[{"file": f"../../{HOSTILE[0]}", "n_read": 1, "sha256": "1"}],
    )  # fmt: skip
    deck = opened(folder)
    assert deck.slides[0].shapes.title.text_frame.text.startswith("'=HYPERLINK")
    with zipfile.ZipFile(folder / "deck.pptx") as packed:
        for name in packed.namelist():
            if name.endswith(".rels"):
                assert 'TargetMode="External"' not in packed.read(name).decode(), name
            if name.endswith(".xlsx"):
                book = openpyxl.load_workbook(io.BytesIO(packed.read(name)))
                cells = [cell for row in book.active.iter_rows() for cell in row]
                assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    shown = " ".join(series.name for chart in charts_in(deck) for series in chart.plots[0].series)
    assert "</script><script>" in shown
    for file in (folder / "figures").glob("*.csv"):
        read = pd.read_csv(file, dtype=str, keep_default_na=False)
        assert not read.map(lambda text: text[:1] in ("=", "+", "@", "\t")).to_numpy().any(), file.name


@given(st.text(st.characters(codec=None), max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_can_stand_in_a_slide(text):
    from lxml import etree

    made = office_text(text, 80)
    element = etree.Element("a")
    element.text = made
    assert etree.fromstring(etree.tostring(element)).text == (made or None)
    assert not made.startswith("=")
    assert len(made) <= 81


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" ;.("), max_size=400
    )
)
@settings(max_examples=200, deadline=None)
def test_a_fitted_title_is_a_beginning_and_fits(text):
    made = fitted(text, 20, 2)
    assert text.startswith(made.removesuffix("…"))
    assert len(made) <= max(37, 0)


def test_the_main_sentence_is_what_follows_the_description():
    assert main_sentence("Line chart of it. Clearest change: A, 1% to 2%.") == "Clearest change: A, 1% to 2%"
    assert main_sentence("Forest plot of 3 topics: 1 rising.") == "1 rising"
    assert main_sentence("Bars of the papers per year: 3 papers.") == "Papers per year: 3 papers"


def test_what_is_not_drawn_is_said(corpus):
    table, found, measured = corpus
    drawn, missing = charts_of(table, found, measured, None)
    assert [chart.name for chart in drawn][:2] == ["coverage", "shares"]
    assert any("burst" in sentence for sentence in missing)
    assert any("orecast" in sentence for sentence in missing)


def test_a_corpus_without_topics_still_gives_a_deck(tmp_path):
    study = study_of(toy_papers(3), encoder=HashingEncoder(), title="Three papers")
    folder = study.slides(tmp_path / "s", images=())
    deck = opened(folder)
    assert len(deck.slides) >= 3
    assert deck.slides[0].shapes.title.text_frame.text == "Three papers"


def test_two_runs_give_the_same_bytes_whatever_the_order_of_rows(corpus, tmp_path, monkeypatch):
    table, found, measured = corpus
    first = export(table, found, measured, tmp_path / "a", title="T", images=())
    shuffled = table.sample(frac=1, random_state=1)
    second = export(shuffled, found, measured, tmp_path / "b", title="T", images=())
    assert bytes_of(first) == bytes_of(second)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    third = opened(export(table, found, measured, tmp_path / "c", title="T", images=()))
    assert third.core_properties.created.isoformat()[:10] == "1970-01-02"


def bytes_of(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_without_a_browser_everything_else_comes_with_one_message(corpus, tmp_path, no_browser):
    with pytest.warns(ImagesWarning, match="BROWSER_PATH") as told:
        folder = export(*corpus, tmp_path / "s", title="T")
    assert len(told) == 1
    assert without_images(folder) == NO_BROWSER
    assert (folder / "deck.pptx").is_file()
    assert list((folder / "figures").glob("*.csv"))
    assert not list((folder / "figures").glob("*.png"))
    tables = [shape.table for slide in opened(folder).slides for shape in slide.shapes if shape.has_table]
    assert len(tables) >= 3
    said = [
        shape.text_frame.text
        for slide in opened(folder).slides
        for shape in slide.shapes
        if shape.has_text_frame
    ]
    assert any(text.startswith("Drawing this chart needs a browser") for text in said)


def test_images_alone_without_a_browser_are_refused(corpus, tmp_path, no_browser):
    with pytest.raises(DependencyError, match="chromium"):
        export(*corpus, tmp_path / "s", title="T", deck=False)
    assert list(tmp_path.iterdir()) == []


def test_absent_packages_are_named_before_the_work(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("trends.slides._export.find_spec", lambda name: None)
    with pytest.raises(DependencyError, match=r"python-pptx and kaleido: pip install 'trends\[slides\]'"):
        export(*corpus, tmp_path / "s", title="T")


def test_other_peoples_folders_are_kept(corpus, tmp_path, written):
    full = tmp_path / "full"
    full.mkdir()
    refuse(full)
    (full / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="was not made by trends slides"):
        export(*corpus, full, title="T", images=())
    assert (full / "mine.txt").read_text(encoding="utf-8") == "mine"
    with pytest.raises(InputError, match="is a file"):
        refuse(full / "mine.txt")
    refuse(full, force=True)
    with pytest.raises(InputError, match="never replaced"):
        refuse(Path.cwd(), force=True)
    refuse(written)


def test_an_error_leaves_nothing_half_written(corpus, tmp_path, monkeypatch):
    target = export(*corpus, tmp_path / "s", title="Before", images=())
    before = bytes_of(target)

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr("trends.slides._export.write_json", broken)
    with pytest.raises(OSError, match="disk full"):
        export(*corpus, target, title="After", images=())
    assert bytes_of(target) == before
    assert [p.name for p in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"images": ("gif",)}, "images must be some of png, svg, pdf, not 'gif'"),
        ({"images": "png"}, "not 'png'"),
        ({"images": (), "deck": False}, "Nothing to write"),
    ],
)
def test_options_that_cannot_be_are_refused(corpus, tmp_path, options, told):
    with pytest.raises(InputError, match=told):
        export(*corpus, tmp_path / "s", title="T", **options)


@pytest.mark.browser
@needs_chromium
def test_images_are_not_blank_and_repeat(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", chromium.FOUND)
    table, found, measured = corpus
    # One line and one picture chart are enough to see; the others go the same way.
    monkeypatch.setattr(
        "trends.slides._export.charts_of",
        lambda *given: ([c for c in charts_of(*given)[0] if c.name in ("coverage", "heatmap")], []),
    )
    folders = [export(table, found, measured, tmp_path / name, title="T") for name in "ab"]
    assert bytes_of(folders[0]) == bytes_of(folders[1])
    for file in (folders[0] / "figures").glob("*.png"):
        with Image.open(file) as picture:
            assert picture.size == (2560, 1440)
            assert max(ImageStat.Stat(picture.convert("L")).var) > 50
    svg = (folders[0] / "figures" / "01-coverage.svg").read_text(encoding="utf-8")
    ids = set(re.findall(r'id="([^"]+)"', svg))
    assert set(re.findall(r"url\(['\"]?#([^)'\"]+)", svg)) <= ids
    assert (folders[0] / "figures" / "01-coverage.pdf").read_bytes().startswith(b"%PDF")
    pictures = [s for slide in opened(folders[0]).slides for s in slide.shapes if s.shape_type == 13]
    assert len(pictures) == 1


@pytest.fixture
def command(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["trends", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return stopped.value.code or 0, out, err

    return run


def test_the_command_opens_a_saved_study(command, tmp_path, no_browser):
    study = run(toy_papers(60), encoder="lsa", title="Sixty papers")
    study.save(tmp_path / "study")
    code, out, err = command("slides", tmp_path / "study", "-o", tmp_path / "s", "--title", "Mine")
    assert code == 0, err
    assert out.splitlines()[-1] == str(tmp_path / "s")
    assert err.count("BROWSER_PATH") == 1
    assert opened(tmp_path / "s").slides[0].shapes.title.text_frame.text == "Mine"
    code, _, err = command("slides", tmp_path / "study", "-o", tmp_path / "t", "--no-deck")
    assert code == 3
    code, _, err = command("slides", tmp_path / "study", "-o", tmp_path / "study")
    assert code == 2
    assert "was not made by trends slides" in err


def test_a_slide_of_followed_themes_says_what_its_shares_are_of():
    table = papers()
    found = topics(table)
    measured = replace(followed(table)["followed"], whole="papers with an abstract")
    charts, _ = charts_of(table, found, trends(table, found), measured)
    chart = next(chart for chart in charts if chart.name == "followed")
    assert "share of papers with an abstract" in chart.about["alt"]
    assert native_of(chart, "year").axis == "share of papers with an abstract of the year"
