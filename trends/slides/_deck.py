"""The deck: a title, the findings, one figure per slide, and what was left out; every text of it clean."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.util import Emu, Inches, Pt

from trends.core.escape import office_text
from trends.plot._theme import THEMES
from trends.slides._bytes import rezipped
from trends.slides._charts import add_chart
from trends.slides._figures import METHODS, Chart, fitted
from trends.slides._native import native_of, two_lines
from trends.slides._tables import rows_of

LOOK = THEMES["slide"]
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
LEFT, ACROSS = Inches(0.5), Inches(12.333)
TITLE_SIZE, BODY_SIZE, SOURCE_SIZE = 28, 18, 12
BODY = (LEFT, Inches(1.5), ACROSS, Inches(5.35))
CHART = (LEFT, Inches(1.5), ACROSS, Inches(4.6))
NOTE = (LEFT, Inches(6.15), ACROSS, Inches(0.75))
SOURCE = (LEFT, Inches(7.02), ACROSS, Inches(0.32))
LINES = 16
"""Lines of findings that a slide holds."""

LINE_LETTERS = 104
PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's name of the table style without colours and lines."""

LANGUAGE = "en-US"
FONT = "Arial"
LONGEST = 20_000


@dataclass(frozen=True, eq=False)
class Story:
    """What the deck says besides its charts.

    Attributes
    ----------
    title, summary, facts
        The first slide: heading, the corpus in one sentence, pairs of a number and what it counts.
    headline, findings
        The second: its title, and sentences as (emphasised beginning, rest) for the slide.
    told
        The findings whole, for its notes.
    missing
        Why each missing chart is missing.
    source
        The source line.
    every
        The period counted by.
    day
        The date that the file carries.
    """

    title: str
    summary: str
    facts: Sequence[tuple[str, str]]
    headline: str
    findings: Sequence[tuple[str, str]]
    told: Sequence[str]
    missing: Sequence[str]
    source: str
    every: str
    day: datetime


def deck(story: Story, charts: Sequence[Chart], files: Sequence[str], pictures: Mapping[str, bytes]) -> bytes:
    """Return the deck as the bytes of a .pptx file.

    Parameters
    ----------
    story
        The words.
    charts, files
        The figures, and the name of each one's data file.
    pictures
        PNG by name of chart, for those without an editable form.
    """
    made = Presentation()
    _prepare(made, story)
    _first(made, story)
    _findings(made, story)
    for chart, file in zip(charts, files):
        _figure(made, story, chart, file, pictures.get(chart.name))
    _last(made, story)
    for slide in made.slides:
        for run in slide._element.iter("{*}rPr", "{*}endParaRPr"):
            run.set("lang", LANGUAGE)
    out = io.BytesIO()
    made.save(out)
    return rezipped(out.getvalue())


def _prepare(made: Any, story: Story) -> None:
    """Set size, fonts, colours and properties of the empty template, which is 4:3."""
    wider = WIDTH / made.slide_width
    made.slide_width, made.slide_height = WIDTH, HEIGHT
    master = made.slide_master
    for part in (master, *master.slide_layouts):
        for shape in part.shapes:
            if shape._element.find(".//{*}xfrm") is not None:
                shape.left, shape.width = Emu(int(shape.left * wider)), Emu(int(shape.width * wider))
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    text = theme.blob.decode("utf-8")
    text = re.sub(r'(<a:(?:major|minor)Font>\s*<a:latin typeface=")[^"]*', rf"\g<1>{FONT}", text)
    for at, colour in enumerate(LOOK.series[:6], start=1):
        accent = rf'(<a:accent{at}>\s*<a:srgbClr val=")[0-9A-Fa-f]{{6}}'
        text = re.sub(accent, rf"\g<1>{colour[1:].upper()}", text)
    theme._blob = text.encode("utf-8")
    package = made.part.package
    for key, relation in list(package._rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            package._rels.pop(key)
    known = made.core_properties
    known.title = office_text(story.title, 250)
    known.subject = office_text(story.summary, 250)
    known.author = known.last_modified_by = f"trends {version('trends')}"
    known.language, known.keywords, known.comments = LANGUAGE, "", office_text(story.source, 250)
    known.created = known.modified = known.last_printed = story.day
    known.revision = 1


def _first(made: Any, story: Story) -> None:
    slide = _slide(made, story.title, at=Inches(1.5), size=40)
    _text(slide, [("", story.summary)], (LEFT, Inches(3.1), ACROSS, Inches(1)), size=24)
    across = ACROSS // max(1, len(story.facts))
    for at, (number, what) in enumerate(story.facts):
        box = (Emu(LEFT + at * across), Inches(4.6), Emu(across), Inches(1.2))
        frame = _text(slide, [(number, "")], box, size=28)
        _run(frame.add_paragraph(), what, BODY_SIZE, LOOK.muted)
    _source(slide, story)
    _notes(slide, [story.title, story.summary, story.source])


def _findings(made: Any, story: Story) -> None:
    slide = _slide(made, story.headline)
    shown: list[tuple[str, str]] = []
    lines = 0.0
    for label, rest in story.findings:
        lines += -(-len(label + rest) // LINE_LETTERS) + 0.5
        if lines > LINES and shown:
            break
        shown.append((label, rest))
    _text(slide, shown, BODY, size=BODY_SIZE, space=9)
    _source(slide, story)
    left = len(story.findings) - len(shown)
    more = [f"{left} more in these notes than on the slide."] if left else []
    _notes(slide, ["Findings, whole:", *story.told, *more, story.source])


def _figure(made: Any, story: Story, chart: Chart, file: str, picture: bytes | None) -> None:
    slide = _slide(made, chart.title)
    alt = office_text(chart.about["alt"], 2_000)
    native = native_of(chart, story.every)
    if native is not None:
        frame = add_chart(slide, native, CHART, story.day)
        _describe(frame, "nvGraphicFramePr", alt)
        _text(slide, [("", two_lines(native.note))], NOTE, size=BODY_SIZE, colour=LOOK.muted)
    elif picture is not None:
        # As large as the slide, so that its type keeps its size; title and source stand on it.
        shown = slide.shapes.add_picture(io.BytesIO(picture), 0, 0, WIDTH, HEIGHT)
        slide.shapes.title._element.addprevious(shown._element)
        _describe(shown, "nvPicPr", alt)
    else:
        rows = rows_of(chart)
        frame = _table(slide, rows)
        _describe(frame, "nvGraphicFramePr", f"Table of the largest rows. {alt}")
        said = "Heaviest first: words that a topic uses often and the others seldom."
        if chart.name != "terms":
            said = f"Drawing this chart needs a browser; these are the first {len(rows)} rows of its numbers."
        _text(slide, [("", said)], NOTE, size=BODY_SIZE, colour=LOOK.muted)
    _source(slide, story)
    _notes(
        slide,
        [
            chart.title + ".",
            native.note if native else "",
            _numbers(chart),
            f"How to read it: {chart.about['caption']}",
            f"Method: {METHODS[chart.name]}",
            f"Data: {file}",
            story.source,
        ],
    )


def _numbers(chart: Chart) -> str:
    """Return the numbers that bars stand for, which nobody reads off a log axis."""
    if chart.name != "growth":
        return ""
    return "; ".join(
        f"{topic}: {value} ({interval})" for topic, value, interval in rows_of(chart, 20).to_numpy()
    )


def _last(made: Any, story: Story) -> None:
    slide = _slide(made, "How far these numbers carry")
    said = [
        ("", "An incomplete period is drawn and marked, and used in no finding, growth or rank."),
        ("", "Intervals hold chance alone: not which papers were collected, nor how they were clustered."),
        ("", "“Too few to say” is not “steady”: growth and decline are both possible."),
        *(("", sentence) for sentence in story.missing),
    ]
    _text(slide, said[:8], BODY, size=BODY_SIZE, space=10)
    _source(slide, story)
    _notes(slide, [*(rest for _, rest in said), story.source])


def _slide(made: Any, title: str, at: Any = None, size: int = TITLE_SIZE) -> Any:
    """Return a new slide with a title of at most two lines."""
    slide = made.slides.add_slide(made.slide_layouts[5])
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = LEFT, at or Inches(0.3), ACROSS, Inches(1.15)
    frame = shape.text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP if at is None else MSO_ANCHOR.BOTTOM
    frame.margin_left = frame.margin_right = 0
    frame.paragraphs[0].alignment = 1
    _run(
        frame.paragraphs[0],
        fitted(office_text(title, LONGEST), 54 * TITLE_SIZE / size),
        size,
        LOOK.text,
        True,
    )
    return slide


def _text(
    slide: Any, paragraphs: Sequence[tuple[str, str]], box: tuple[Any, ...], *, size: int,
    colour: str = LOOK.text, space: int = 0,
) -> Any:  # fmt: skip
    """Put paragraphs on a slide, each with a strong beginning, and return the frame."""
    frame = slide.shapes.add_textbox(*box).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = 0
    for at, (strong, rest) in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(space)
        if strong:
            _run(paragraph, strong, size, colour, True)
        if rest:
            _run(paragraph, rest, size, colour)
    return frame


def _run(paragraph: Any, text: str, size: int, colour: str, bold: bool = False) -> None:
    run = paragraph.add_run()
    # White space at the seam of two runs is theirs.
    lead = " " if text[:1].isspace() else ""
    run.text = lead + office_text(text, LONGEST)
    run.font.size, run.font.bold = Pt(size), bold
    run.font.color.rgb = RGBColor.from_string(colour[1:].upper())


def _source(slide: Any, story: Story) -> None:
    _text(slide, [("", story.source)], SOURCE, size=SOURCE_SIZE, colour=LOOK.muted)


def _notes(slide: Any, paragraphs: Sequence[str]) -> None:
    lines = [office_text(text, LONGEST) for text in paragraphs if text]
    slide.notes_slide.notes_text_frame.text = "\n".join(lines)


def _describe(shape: Any, part: str, alt: str) -> None:
    """Give alternative text, which pptx has no call for."""
    shape._element.find(f"{{*}}{part}/{{*}}cNvPr").set("descr", alt)


def _table(slide: Any, rows: pd.DataFrame) -> Any:
    frame = slide.shapes.add_table(len(rows) + 1, rows.shape[1], *CHART[:3], Inches(0.45) * (len(rows) + 1))
    table = frame.table
    table.horz_banding = False
    frame._element.find(".//{*}tableStyleId").text = PLAIN_TABLE
    widths = [max(10, *(len(text) for text in [name, *rows[name]])) for name in rows]
    for column, wide in zip(table.columns, widths):
        column.width = Emu(ACROSS * wide // sum(widths))
    for at, name in enumerate(rows):
        for row, text in enumerate([name, *rows[name]]):
            cell = table.cell(row, at)
            cell.margin_top = cell.margin_bottom = Inches(0.04)
            if row % 2 == 0:
                cell.fill.solid()
                cell.fill.fore_color.rgb = RGBColor.from_string(LOOK.surface[1:].upper())
            _run(cell.text_frame.paragraphs[0], text, BODY_SIZE, LOOK.text, row == 0)
    return frame
