"""The report without a browser: what the page holds, that it is safe, that it repeats, what it says."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import toys
from hypothesis import given
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.core.tables import PRECISION_TYPE
from trends.report import Report, Section, findings
from trends.report._figures import plain
from trends.report._render import link

VOID = {"meta", "br", "input", "link", "hr", "img"}


class Page(HTMLParser):
    """The elements of a page, and proof that every tag is closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.scripts, self.words, self.errors = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))

    def script(self, name):
        return next(text for attrs, text in self.scripts if attrs.get("id") == name)

    def attributes(self, name):
        return [attrs[name] for _, attrs in self.elements if name in attrs]


def unpacked(page, name):
    return gzip.decompress(base64.b64decode(page.script(name))).decode("utf-8")


def built(papers, topics, trends, **options):
    return Report.standard(papers, topics, trends, title="Toys", health=toys.health(papers), **options)


@pytest.fixture(scope="module")
def corpus():
    papers = toys.papers()
    topics = toys.topics(papers)
    return papers, topics, toys.trends(papers, topics)


@pytest.fixture(scope="module")
def html(corpus):
    return built(*corpus, provenance={"files": {"/home/someone/in.txt": {"sha256": "ab"}}}).html()


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


# The page


def test_the_page_is_well_formed(page):
    assert page.errors == []
    assert page.open == []
    ids = page.attributes("id")
    assert sorted(ids) == sorted(set(ids))
    assert [tag for tag, _ in page.elements].count("h1") == 1


def test_links_inside_the_page_have_targets(page):
    ids = set(page.attributes("id"))
    inside = [href[1:] for href in page.attributes("href") if href.startswith("#")]
    assert len(inside) > 20
    assert set(inside) <= ids


def test_the_sections_tell_the_story_in_order(page):
    sections = [attrs["id"] for tag, attrs in page.elements if tag == "section"]
    assert sections == [
        "findings", "health", "topics", "shares", "growth", "ranks", "stream", "heatmap", "bursts",
        "forecast", "map", "terms", "cards", "similarity", "hierarchy", "papers", "method", "origin",
    ]  # fmt: skip
    assert sum(attrs.get("class") == "plot" for _, attrs in page.elements) == 10
    figure_ids = [attrs["id"] for _, attrs in page.elements if attrs.get("class") == "plot"]
    assert figure_ids == [f"fig-{number:02d}" for number in range(1, 11)]


def test_nothing_is_asked_from_outside(page, html):
    assert page.attributes("src") == []
    assert "link" not in {tag for tag, _ in page.elements}
    style = html.split("<style>")[1].split("</style>")[0]
    assert "@import" not in style
    assert "url(" not in style


def test_the_policy_names_exactly_the_scripts_that_run(page):
    policy = next(a["content"] for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    running = [text for attrs, text in page.scripts if "type" not in attrs]
    assert len(running) == 1
    sources = [*running, unpacked(page, "library")]
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in sources]
    assert sorted(re.findall(r"'sha256-([^']+)'", policy)) == sorted(hashes)
    assert "'unsafe-eval'" not in policy
    assert "script-src 'unsafe" not in policy
    assert "default-src 'none'" in policy


def test_the_library_is_that_of_the_installed_wheel(page):
    from plotly.offline import get_plotlyjs

    assert unpacked(page, "library") == get_plotlyjs()
    assert base64.b64decode(page.script("library"))[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def test_the_data_block_holds_every_paper(page, corpus):
    papers, topics, _ = corpus
    data = json.loads(unpacked(page, "data"))
    columns = data["papers"]
    assert sorted(columns["title"]) == sorted(papers["title"])
    lengths = {len(columns[name]) for name in ("id", "title", "date", "topic", "similarity", "x", "y")}
    assert lengths == {len(papers)}
    found = dict(zip(columns["title"], columns["topic"]))
    expected = dict(zip(papers["title"], topics.members["topic_id"].reindex(papers.index)))
    assert found == expected
    assert min(columns["x"]) == 0
    assert max(columns["x"]) == 999
    assert list(columns["url"].values()) == ["https://example.org/zero"]
    assert len(data["figures"]) == 10
    assert "meta" not in data["figures"][0]["layout"]


def test_the_data_tables_hold_the_drawn_numbers(page, corpus):
    from trends import plot

    drawn = plot.table(plot.growth(corpus[2]))
    data = json.loads(unpacked(page, "data"))
    chart = next(f for f in data["figures"] if f["file"] == "03-rising-and-falling")
    assert chart["columns"] == list(drawn.columns)
    assert [row[1] for row in chart["rows"]] == drawn.iloc[:, 1].tolist()
    assert len(drawn) > 0


def test_provenance_is_json_without_folders(page):
    stated = json.loads(page.script("provenance"))
    assert stated["files"] == {"in.txt": {"sha256": "ab"}}
    assert stated["corpus"]["n_papers"] == 150
    assert [t["label"] for t in stated["topic_ids"]] == ["Routing", "Pruning", "Kernels"]
    assert "/home/someone" not in page.text


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (["/home/me/a.bib", "C:\\docs\\b.ris"], ["a.bib", "b.ris"]),
        ([{"file": "x/a.bib", "format": "a/b"}], [{"file": "a.bib", "format": "a/b"}]),
        ({"x/a.bib": "12ab"}, {"a.bib": "12ab"}),
    ],
)
def test_file_names_lose_their_folders(corpus, files, shown):
    assert built(*corpus, provenance={"files": files}).provenance["files"] == shown


def test_provenance_that_is_no_json_is_refused(corpus):
    with pytest.raises(InputError, match="plain JSON"):
        built(*corpus, provenance={"odd": {1, 2}})


def test_the_page_reads_without_scripts(page, corpus):
    papers, _, _ = corpus
    newest = papers.assign(_id=papers.index).sort_values(["date", "_id"])["title"].tail(50)
    for title in newest:
        assert title in page.text
    for words in ("Routing", "Data table", "Without JavaScript", "95%"):
        assert words in page.text


def test_every_paper_in_a_card_belongs_to_its_topic(corpus):
    papers, topics, _ = corpus
    cards = next(s for s in built(*corpus).sections if s.kind == "cards").table
    assert list(cards.index) == [0, 1, 2]
    for topic_id, card in cards.iterrows():
        ids = [paper_id for paper_id, _ in card["exemplars"]]
        assert len(ids) == len(set(ids)) == 5
        assert topics.members.loc[ids, "topic_id"].eq(topic_id).all()
        assert [why for _, why in card["exemplars"]] == ["central"] * 3 + ["newest"] * 2
        rest = topics.members.index[topics.members["topic_id"] == topic_id].difference(ids[:3])
        assert papers.loc[ids[3], "date"] == papers.loc[rest, "date"].max()


# Repetition


def test_row_order_does_not_change_a_byte(corpus, html):
    papers, topics, trends = corpus
    mixed = replace(
        topics,
        members=topics.members.sample(frac=1, random_state=3),
    )
    shuffled = replace(trends, shares=trends.shares.sample(frac=1, random_state=4))
    again = built(
        papers.sample(frac=1, random_state=1),
        mixed,
        shuffled,
        provenance={"files": {"/elsewhere/in.txt": {"sha256": "ab"}}},
    )
    assert again.html() == html


def test_saving_writes_the_page_and_replaces_an_older_one(tmp_path, corpus, html):
    target = tmp_path / "new" / "report.html"
    report = built(*corpus, provenance={"files": {"/home/someone/in.txt": {"sha256": "ab"}}})
    assert report.save(target) == target
    assert target.read_bytes() == html.encode()
    report.save(target)
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]


def test_a_failed_save_leaves_the_older_page(tmp_path, corpus):
    target = tmp_path / "report.html"
    target.write_text("older")
    wrong = tmp_path / "bundle.js"
    wrong.write_text("/**\n* plotly.js v1.2.3\n*/")
    with pytest.raises(InputError, match=r"bundle\.js is version 1\.2\.3, but the installed plotly needs"):
        built(*corpus).save(target, plotly_js=wrong)
    assert target.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle.js", "report.html"]


def test_a_folder_is_no_place_for_a_report(tmp_path, corpus):
    with pytest.raises(InputError, match="is a folder"):
        built(*corpus).save(tmp_path)


# Safety

PAYLOADS = toys.PAYLOADS
KEPT = re.compile(r"<br>|</?[bi]>|<extra></extra>")


@pytest.fixture(scope="module")
def hostile():
    papers = toys.papers(60)
    bad = [PAYLOADS[i % len(PAYLOADS)] + f" {i}" for i in range(len(papers))]
    papers["title"], papers["abstract"] = bad, bad
    papers["venue"] = bad
    papers["url"] = ["javascript:window.__pwn=1", "https://ok.example/?a=1&b=\"'<"] * 30
    odd = ['arxiv:"><script>1</script>', 'doi:10.1/" onclick="x', "data:text/html,x"]
    papers.index = pd.Index([*odd, *papers.index[3:]], name="paper_id", dtype="str")
    topics = toys.topics(papers, tuple(PAYLOADS[:4]))
    table = topics.table.assign(terms=[PAYLOADS] * 4, term_weights=[tuple(range(7))] * 4)
    trends = toys.eventful()
    labels = pd.Series(PAYLOADS[:6], index=trends.calls.index, dtype="str")
    calls = trends.calls.assign(label=labels, caveats=labels)
    return papers, replace(topics, table=table), replace(trends, calls=calls)


def test_hostile_text_is_shown_and_never_markup(hostile):
    papers, topics, trends = hostile
    report = Report.standard(
        papers,
        topics,
        trends,
        title=PAYLOADS[0],
        health=toys.health(papers),
        provenance={PAYLOADS[0]: PAYLOADS[1], "odd": "\ud800"},
        **toys.followed(papers, [{"name": f"{text} a", "phrases": [f"{text} a"]} for text in PAYLOADS[:4]]),
    )
    report = report.add(
        PAYLOADS[0], go.Figure(go.Bar(x=[PAYLOADS[2]], y=[1]), {"title": {"text": PAYLOADS[3]}}), PAYLOADS[1]
    )
    text = report.html(abstracts=True)
    text.encode("utf-8")
    page = Page(text)
    assert page.errors == []
    assert [a for a, _ in page.scripts if "type" not in a] == [{}]
    assert "img" not in {tag for tag, _ in page.elements}
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    addresses = [href for href in page.attributes("href") if not href.startswith("#")]
    assert addresses
    assert all(re.match(r"https?://", href) for href in addresses)
    assert "evil.example" not in " ".join(addresses)
    assert all("evil" not in style for style in page.attributes("style"))
    assert "</script><script>window.__pwn=1</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    json.loads(page.script("provenance"))
    data = json.loads(unpacked(page, "data"))
    assert any(title.startswith("</script><script>") for title in data["papers"]["title"])
    for figure in data["figures"]:
        for string in strings([figure["data"], figure["layout"]]):
            assert "<" not in KEPT.sub("", string), string


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


# Turns, bursts and forecasts

LABELS = ("Routing", "Pruning", "Kernels", "Codes", "Graphs", "Tokens")


@pytest.fixture(scope="module")
def eventful():
    papers = toys.papers()
    return papers, toys.topics(papers, LABELS), toys.eventful()


@pytest.fixture(scope="module")
def eventful_html(eventful):
    return built(*eventful).html()


def test_bursts_and_forecasts_have_their_charts_tables_and_numbers(eventful, eventful_html):
    from trends import plot

    page = Page(eventful_html)
    assert page.errors == []
    assert sum(attrs.get("class") == "plot" for _, attrs in page.elements) == 11
    charts = json.loads(unpacked(page, "data"))["figures"]
    for name, number in (("bursts", "06"), ("forecast", "07")):
        drawn = plot.table(getattr(plot, name)(eventful[2]))
        chart = next(f for f in charts if f["file"] == f"{number}-{name}")
        assert chart["columns"] == list(drawn.columns)
        assert [row[:3] for row in chart["rows"]] == drawn.iloc[:, :3].to_numpy().tolist()
        part = section_of(eventful_html, name)
        assert "Data table" in part.text
        assert plot.__dict__[name](eventful[2]).layout.meta["caption"] in part.text
    assert "2021-09" in section_of(eventful_html, "bursts").text
    assert "80% interval" in section_of(eventful_html, "forecast").text


def test_without_bursts_or_forecasts_a_sentence_says_so(html):
    assert "No burst to draw: in 7 complete years" in section_of(html, "bursts").text
    assert "No forecast: too few periods for a back-test" in section_of(html, "forecast").text
    assert "plot" not in section_of(html, "bursts").attributes("class")


def test_a_turned_topic_says_since_when_wherever_its_growth_stands(eventful, eventful_html):
    call = eventful[2].calls.loc[0]
    assert f"{call['turned']:%Y-%m}" == "2022-02"
    row = eventful_html.split('<tr data-about="topic-0">')[1].split("</tr>")[0]
    assert f"×{call['growth']:.2f}" in row
    assert "since 2022-02" in row
    assert "since" not in eventful_html.split('<tr data-about="topic-4">')[1].split("</tr>")[0]
    (found,) = (f for f in findings(*eventful) if f.topic_id == 0)
    rows = eventful[2].shares.query("topic_id == 0 and complete and period >= '2022-02-01'")
    assert found.text.startswith("Routing fell from ")
    assert f"{found.numbers['n_before']:,.0f} papers (2022-02 to " in found.text
    assert "since it turned in 2022-02: odds ×" in found.text
    assert f"; before that, ×{call['growth_before']:.2f} a year." in found.text
    assert f"{rows['n_papers'].sum():,} papers" in found.text
    assert found.numbers["growth_before"] == call["growth_before"]
    assert found.numbers["n_before"] + found.numbers["n_after"] <= rows["n_total"].sum()


def test_the_histories_of_turned_topics_stand_under_their_growth(eventful, eventful_html):
    phases = eventful[2].phases.query("topic_id == 0")
    first, last = phases.iloc[0], phases.iloc[1]
    part = section_of(eventful_html, "growth").text
    assert (
        f"rose ×{first['growth']:.2f} a year ({first['growth_low']:.2f} to {first['growth_high']:.2f}) "
        f"to 2022-02; since then fell ×{last['growth']:.2f} ({last['growth_low']:.2f} to "
    ) in part
    assert part.count("since then") == 1
    assert "Topic whose growth changed on the way" in part


def test_a_history_claims_a_direction_only_where_the_interval_does():
    from trends.report._history import history

    days = pd.to_datetime(["2001-01-01", "2008-01-01", "2015-01-01", "2020-01-01"])
    phases = pd.DataFrame(
        {
            "start": days[:3],
            "end": days[1:],
            "growth": [1.2, 0.95, 0.5],
            "growth_low": [1.1, 0.8, 0.4],
            "growth_high": [1.3, 1.1, 20_000],
        }
    )
    assert history(phases, "year") == (
        "rose ×1.20 a year (1.10 to 1.30) to 2008; then changed ×0.95 (0.80 to 1.10) to 2015; "
        "since then changed ×0.50 (0.40 to over 10,000)"
    )


def test_many_histories_are_cut_and_counted(eventful):
    papers, topics, trends = eventful
    turned = trends.phases[trends.phases["topic_id"] == 0]
    many = pd.concat([turned.assign(topic_id=t, n_papers=turned["n_papers"] + t) for t in range(15)])
    section = next(
        s for s in built(papers, topics, replace(trends, phases=many)).sections if s.id == "growth"
    )
    assert len(section.table) == 12
    assert section.note.startswith("The 12 largest of 15 topics")
    assert section.table.iloc[-1, 0] == "Codes"


def test_the_method_tells_of_season_and_caveats(eventful, eventful_html, html):
    assert "The months here were searched for a season, and none was found." in Page(eventful_html).text
    assert "Counts by year hold no season." in Page(html).text
    papers, topics, trends = eventful
    caveats = ["", "40% of its papers are in no month, 5% of all", *[""] * 4]
    calls = trends.calls.assign(caveats=caveats, season="modelled")
    text = section_of(built(papers, topics, replace(trends, calls=calls)).html(), "method").text
    assert "a season, such as that of conferences, and it is taken out of the growth" in text
    assert "Pruning: 40% of its papers are in no month, 5% of all." in text
    for words in (
        "A topic turns where",
        "Below 42 periods a burst of two periods",
        "It is replayed from every",
    ):
        assert words in text


def test_the_method_tells_how_much_was_read_and_how_well_a_student_follows(corpus):
    papers, topics, trends = corpus
    about = {
        "encoder": "minilm<b>",
        "n_taught": 400,
        "n_characters": 800,
        "n_glanced": 2000,
        "reads": "words",
        "cosine": 0.761,
        "neighbour_overlap": 0.55,
    }

    def text(about):
        read = replace(topics, parameters=dict(topics.parameters) | {"embeddings": about})
        return section_of(built(papers, read, trends).html(), "method").text

    told = text(about)
    assert "The encoder minilm<b> read up to 800 characters of 400 of the papers and " in told
    assert "of the papers and the beginnings of 2,000, and " in told
    assert "a linear student of it all of them from their words; on papers that it was not taught" in told
    assert "a mean cosine of 0.76 to the encoder's, and 55.0% of a paper's ten nearest papers" in told
    about["reads"] = "words, and the beginnings of some papers"
    assert "all of them from their words and, of those, their beginnings; on papers" in text(about)
    del about["n_characters"], about["n_glanced"]
    about["reads"] = "the beginning of every paper"
    assert "read 400 of the papers whole, and a linear student of it all of them from their words and " in (
        text(about)
    )
    assert "The vectors were made by minilm<b>." in text({"encoder": "minilm<b>"})
    level = "The vectors of papers without an abstract were brought level with the others"
    assert level not in text(about)
    added = "by what an abstract added to 1,234 papers that have one."
    assert f"{level} {added}" in text(about | {"n_levelled_by": 1234})


def test_calls_made_by_hand_know_of_no_turn_and_still_make_a_page(eventful):
    papers, topics, trends = eventful
    bare = replace(
        trends,
        calls=trends.calls.drop(columns=["turned", "growth_before", "season", "caveats"]),
        phases=pd.DataFrame(),
        bursts=pd.DataFrame(),
        forecast=pd.DataFrame(),
        skill=pd.DataFrame(),
    )
    html = built(papers, topics, bare).html()
    assert Page(html).errors == []
    assert "No forecast: none was made." in section_of(html, "forecast").text


# Followed themes


@pytest.fixture(scope="module")
def following(corpus):
    return toys.followed(corpus[0])


def section_of(page_text, name):
    return Page(page_text.split(f'<section id="{name}"')[1].split("</section>")[0].partition(">")[2])


def test_followed_themes_stand_before_the_topics_each_with_a_card(corpus, following):
    html = built(*corpus, **following).html()
    page = Page(html)
    assert page.errors == []
    sections = [attrs["id"] for tag, attrs in page.elements if tag == "section"]
    assert sections[:4] == ["findings", "health", "followed", "topics"]
    part = section_of(html, "followed")
    assert [a["id"] for t, a in part.elements if t == "article"] == ["theme-0", "theme-1", "theme-2"]
    assert "These 3 themes were asked for" in part.text
    assert "1 of them has no paper here" in part.text
    assert "No paper of this theme is here." in part.text
    assert "Not among these papers: 'absent'." in part.text
    assert part.text.count("too few to say:") + part.text.count("steady:") == 3
    assert "this topic" not in part.text
    share = following["followed"].shares.query("topic_id == 0 and complete").iloc[-1]
    expected = f"{share['share']:.1%} of papers ({share['share_low']:.1%} to {share['share_high']:.1%})"
    assert expected in part.text
    row = following["watch"].table.loc[0]
    assert f"An estimated {row['precision']:.0%} ({row['precision_low']:.0%} to" in part.text
    assert "3 themes," in part.text


def test_near_misses_are_named_and_only_those_within_reach(corpus, following):
    papers, watch = corpus[0], following["watch"]
    html = built(*corpus, **following).html()
    text = Page(html.split('id="theme-0"')[1].split("</article>")[0].partition(">")[2]).text
    near = watch.near[(watch.near["theme_id"] == 0)]
    within = near[near["score"] >= watch.table.loc[0, "reach"]]["paper_id"]
    assert len(within) >= 3
    named = text.split("Just outside")[1]
    assert all(papers.loc[paper_id, "title"] in named for paper_id in within[:3])
    beyond = set(near["paper_id"]) - set(within[:3])
    assert not [i for i in beyond if papers.loc[i, "title"] + " " in named]


def test_marks_of_a_person_are_told_as_counted(corpus, following):
    watch = following["watch"]
    checked = watch.checked(watch.to_check(1000).query("theme_id == 1").assign(belongs=True))
    text = section_of(built(*corpus, watch=checked, followed=following["followed"]).html(), "followed").text
    assert "100% (100% to 100%) of these papers belong to the theme and" in text
    assert "papers were marked by a person." in text


def test_followed_themes_say_which_papers_are_compared(corpus, following):
    papers, topics, trends = corpus
    some = papers.assign(abstract=papers["abstract"].where(np.arange(len(papers)) % 3 > 0, ""))
    text = section_of(built(some, topics, trends, **toys.followed(some)).html(), "followed").text
    n_whole = int((some["abstract"] != "").sum())
    assert f"Over time only papers with an abstract are counted ({n_whole} of {len(some)}), since" in text
    assert "not counted over time" in text and "without a date" not in text
    assert "Share of papers with an abstract by followed theme, per " in text
    assert "Share of papers with an abstract of each " in text and "of all papers" not in text
    assert "are counted (" not in section_of(built(*corpus, **following).html(), "followed").text


def test_followed_themes_of_undated_papers_are_shown(corpus):
    papers = corpus[0].copy()
    papers["date"] = pd.Series(pd.NaT, index=papers.index, dtype="datetime64[us]")
    papers["date_precision"] = pd.Categorical(["unknown"] * len(papers), dtype=PRECISION_TYPE)
    topics = toys.topics(papers)
    html = built(papers, topics, toys.trends(papers, topics), **toys.followed(papers)).html()
    text = section_of(html, "followed").text
    assert text.count("no paper has a date that can be counted") == 3
    assert "without a date that can be counted" in text


def test_a_watch_and_what_was_measured_of_it_belong_together(corpus, following):
    with pytest.raises(InputError, match="watch and followed belong together"):
        built(*corpus, watch=following["watch"])
    with pytest.raises(InputError, match="followed must be what was measured"):
        built(
            *corpus, watch=following["watch"], followed=toys.trends(corpus[0], toys.topics(corpus[0], ("A",)))
        )


@given(st.text(st.characters()))
def test_any_text_in_an_added_figure_stays_text(text):
    figure = plain(go.Figure(go.Scatter(x=[1], y=[1], text=[text], name=text)))
    for string in strings(figure):
        string.encode("utf-8")
        assert "<" not in KEPT.sub("", string)


@pytest.mark.parametrize(
    ("paper_id", "url", "expected"),
    [
        ("arxiv:2411.02124", "", "https://arxiv.org/abs/2411.02124"),
        ("arxiv:cs/9901001", "", "https://arxiv.org/abs/cs/9901001"),
        ("arxiv:x y", "javascript:alert(1)", ""),
        ("doi:10.1145/3366423.3380000", "", "https://doi.org/10.1145/3366423.3380000"),
        ("doi:10.1/a<b", "http://x.org/", "http://x.org/"),
        ("0f3a", "data:text/html,x", ""),
    ],
)
def test_links_are_rebuilt_from_ids_or_checked(paper_id, url, expected):
    assert link(paper_id, url) == expected


# Adding charts


def test_add_returns_a_new_report_with_the_chart_before_the_papers(corpus):
    report = built(*corpus)
    more = report.add("My chart", go.Figure(go.Bar(x=["a"], y=[np.float64(1.5)])), "Why.").add(
        "My chart", go.Figure()
    )
    assert [s.id for s in more.sections if s.id not in {t.id for t in report.sections}] == [
        "my-chart", "chart-my-chart-2",
    ]  # fmt: skip
    assert [s.id for s in more.sections].index("papers") == len(more.sections) - 3
    assert len(report.sections) == 18
    assert 'id="fig-12"' in more.html()


def test_a_figure_that_the_page_cannot_draw_is_refused():
    report = Report("Empty")
    with pytest.raises(InputError, match="scattergl"):
        report.add("x", go.Figure(go.Scattergl(x=[1], y=[1])))
    with pytest.raises(InputError, match="outside request"):
        report.add("x", go.Figure(layout={"images": [{"source": "https://x.org/a.png"}]}))
    with pytest.raises(InputError, match="must be a plotly"):
        report.add("x", [1, 2])


def test_numbers_become_plain_json():
    figure = go.Figure(go.Scatter(x=pd.to_datetime(["2024-01-01", None]), y=np.array([1 / 3, -0.0])))
    figure.add_scatter(y=[np.nan, np.inf, np.int64(3)])
    data = plain(figure)["data"]
    assert data[0]["x"] == ["2024-01-01", None]
    assert data[0]["y"] == [0.33333333, 0]
    assert str(data[0]["y"][1]) == "0"
    assert data[1]["y"] == [None, None, 3]


def test_a_report_without_anything_is_a_page():
    page = Page(Report("Empty", (Section("one", "One", "First.\n\nSecond."),)).html())
    assert page.errors == []
    assert "First." in page.text
    with pytest.raises(InputError, match="lower-case"):
        Report("x", (Section("One!", "One"),))
    with pytest.raises(InputError, match="used by the page itself"):
        Report("x", (Section("data", "Data"),))
    assert Report("x").add("Data", go.Figure()).sections[0].id == "chart-data-2"
    with pytest.raises(InputError, match="Two sections"):
        Report("x", (Section("one", "One"), Section("one", "One")))


def test_notebooks_get_a_summary_without_scripts(corpus):
    summary = replace(built(*corpus), title=PAYLOADS[0])._repr_html_()
    assert {tag for tag, _ in Page(summary).elements} <= {"div", "strong", "br", "code"}


def test_papers_and_topics_of_two_corpora_are_refused(corpus):
    papers, topics, trends = corpus
    with pytest.raises(InputError, match="must hold the same papers"):
        built(papers.iloc[1:], topics, trends)


def test_undated_papers_and_no_topics_still_make_a_page():
    papers = toys.papers(30)
    papers.loc[papers.index[:10], "date"] = pd.NaT
    papers.loc[papers.index[:10], "date_precision"] = "unknown"
    topics = toys.topics(papers)
    page = Page(built(papers, topics, toys.trends(papers, topics)).html())
    assert page.errors == []
    assert "10 of 30 papers (33.3%) are in no period: 10 without a date" in page.text
    none = replace(
        topics,
        table=topics.table.iloc[:0],
        members=topics.members.assign(topic_id=np.int32(-1)),
        centroids=topics.centroids[:0],
        cutoffs=topics.cutoffs[:0],
    )
    page = Page(built(papers, none, toys.trends(papers, none)).html())
    assert page.errors == []
    assert "No topics were found" in page.text
    assert "No topic was found: the papers are too few or too unlike to form one." in page.text
    assert "30 of 30 papers (100.0%) are in no topic." in page.text


# Findings


def told(trends, kind):
    papers = toys.papers(40)
    return [f for f in findings(papers, toys.topics(papers), trends) if f.kind == kind]


def test_a_clear_step_is_told_with_both_intervals_and_why_it_is_no_call():
    totals = [1, 2, 2, 9, 19, 21, 79, 128, 47]
    trends = toys.counted(
        {"Codes": [1, 0, 0, 0, 0, 0, 0, 17, 7], "Even": [0, 0, 0, 1, 3, 3, 12, 20, 6]}, totals, 2017
    )
    (step,) = told(trends, "step")
    # Wilson by hand: 1 of 133 is 0.13 to 4.14 %; 17 of 128 is 8.46 to 20.23 %.
    assert step.text.startswith(
        "Codes: 1 of 133 papers dated 2017 to 2023 (0.8%, 95% interval 0.1 to 4.1%), "
        "then 17 of 128 in 2024 (13.3%, 8.5 to 20.2%); "
        "2025 so far, incomplete and not used here: 7 of 47 (14.9%). Not called: "
    )
    assert "needed" in step.text
    assert "Chance can do this" not in step.text
    assert step.topic_id == 0
    assert step.target == "shares"
    assert step.numbers["share_after"] == pytest.approx(17 / 128)
    assert step.numbers["p"] == pytest.approx(6.32e-5, rel=0.01)


def test_an_unclear_step_says_what_chance_can_do():
    trends = toys.counted({"Codes": [0, 0, 4, 9, 2], "Other": [2, 4, 3, 7, 1]}, [30, 36, 70, 128, 40], 2021)
    (step,) = told(trends, "step")
    assert "no paper among 66 dated 2021 to 2022 (0.0%, 95% interval 0.0 to 5.5%)" in step.text
    assert "Chance can do this: p 0.0" in step.text
    (none,) = told(trends, "none")
    assert none.text == "No topic changed beyond chance."


def test_a_topic_without_a_step_is_not_told():
    even = toys.counted({"Codes": [3, 4, 3, 4, 3]}, [60, 80, 60, 80, 60], 2020)
    assert told(even, "step") == []


def test_an_incomplete_last_period_changes_no_claim():
    totals = [50, 60, 60, 60, 60, 60, 90]
    small = toys.counted({"A": [0, 0, 0, 0, 0, 15, 0]}, totals, 2019)
    large = toys.counted({"A": [0, 0, 0, 0, 0, 15, 90]}, totals, 2019)
    one, two = (told(t, "step")[0] for t in (small, large))
    without = {k: v for k, v in one.numbers.items() if not k.startswith("so_far")}
    assert without == {k: v for k, v in two.numbers.items() if not k.startswith("so_far")}
    assert one.numbers["so_far_n_papers"] == 0
    assert two.numbers["so_far_n_papers"] == 90


def test_growth_is_told_in_the_order_of_the_bound_nearest_to_no_change():
    totals = [1000] * 9
    trends = toys.counted(
        {
            "Slow": [40, 46, 53, 60, 69, 80, 92, 105, 30],
            "Fast": [10, 16, 26, 40, 64, 100, 160, 250, 30],
            "Down": [200, 160, 128, 102, 80, 64, 50, 40, 30],
            "Flat": [60, 61, 59, 60, 61, 60, 59, 60, 30],
        },
        totals,
        2017,
    )
    growth = told(trends, "growth")
    assert [f.topic_id for f in growth[:1]] == [1]
    assert {f.topic_id for f in growth} == {0, 1, 2}
    calls = trends.calls
    bounds = [
        calls.loc[f.topic_id, "growth_low"]
        if calls.loc[f.topic_id, "status"] != "declining"
        else 1 / calls.loc[f.topic_id, "growth_high"]
        for f in growth
    ]
    assert bounds == sorted(bounds, reverse=True)
    down = next(f for f in growth if f.topic_id == 2)
    assert down.text.startswith(
        "Down fell from 16.3% of 3,000 papers (2017 to 2019) to 5.1% of 3,000 (2022 to 2024)"
    )
    for number in (calls.loc[2, "growth_low"], calls.loc[2, "growth_high"]):
        assert f"{number:.2f}" in down.text
    assert "724 papers" not in down.text
    assert f"{calls.loc[2, 'n_papers']:,} papers" in down.text
    assert told(trends, "none") == []


def test_nothing_changed_is_said():
    trends = toys.counted({"Flat": [60, 61, 59, 60, 61, 60, 59, 60]}, [1000] * 8, 2017)
    (none,) = told(trends, "none")
    assert none.text == "No topic changed beyond chance."


def test_every_number_of_the_growth_findings_is_in_the_tables():
    totals = [400, 500, 600, 700, 800, 900, 200]
    trends = toys.counted({"Fast": [5, 10, 25, 50, 100, 200, 60]}, totals, 2019)
    (growth,) = told(trends, "growth")
    call = trends.calls.loc[0]
    for name in ("growth", "growth_low", "growth_high", "q", "n_papers"):
        assert growth.numbers[name] == call[name]
    # A third of 3,900 papers is 1,300: 2019 to 2021 before, 2023 to 2024 after.
    assert growth.numbers["share_before"] == pytest.approx(40 / 1500)
    assert growth.numbers["share_after"] == pytest.approx(300 / 1700)


def test_a_finding_about_a_shaky_topic_says_so():
    papers = toys.papers(40)
    trends = toys.counted({"Fast": [5, 10, 25, 50, 100, 200, 60]}, [400, 500, 600, 700, 800, 900, 200], 2019)
    topics = toys.topics(papers)
    for stability, ending in ((0.41, " A shaky topic: its stability is 0.41."), (0.9, " papers.")):
        known = replace(topics, table=topics.table.assign(stability=stability))
        growth = next(f for f in findings(papers, known, trends) if f.kind == "growth")
        assert growth.text.endswith(ending)
        assert growth.numbers.get("stability") == (stability if stability < 0.6 else None)


def test_findings_are_three_to_seven(corpus):
    found = findings(*corpus)
    assert 3 <= len(found) <= 7
    crowd = {f"T{i}": [1 + i, 4, 9, 20, 40, 80, 160] for i in range(12)}
    papers = toys.papers(40)
    many = findings(papers, toys.topics(papers), toys.counted(crowd, [4000] * 7, 2018, last_open=False))
    assert len(many) <= 7
    assert {f.kind for f in many} >= {"growth", "unassigned"}


# Size


def test_a_report_of_ten_thousand_papers_fits_in_a_mail(page):
    """Without plotly.js a paper costs under 100 bytes, so 10,000 papers stay below 3 MB."""
    papers = toys.papers(5000, years=10)
    topics = toys.topics(papers, tuple(f"Topic {i}" for i in range(20)))
    report = built(papers, topics, toys.trends(papers, topics))
    big = Page(report.html())
    assert len(big.script("data")) < 5000 * 60
    assert len(report.html()) < 2_600_000


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.294, "0.29"),
        (7.449, "7.45"),
        (99.99, "99.99"),
        (137.4, "140"),
        (1432.0, "1,400"),
        (2e9, "over 10,000"),
    ],
)
def test_a_factor_is_written_as_people_write_it(value, said):
    from trends.report._wording import factor

    assert factor(value) == said
