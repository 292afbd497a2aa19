"""The page in Chromium: charts, search, themes, silence on the network, accessibility."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from pages import EACH_ONCE, draw_all, status, titles, violations

pytestmark = pytest.mark.browser


def test_all_charts_are_drawn_with_their_points(opened):
    page = opened()
    draw_all(page)
    assert page.locator(".plot").count() == 10
    assert page.locator(".plot .main-svg").count() >= 10
    assert page.locator("#map .plot .scatterlayer .point").count() == 180
    assert page.locator("#heatmap .heatmaplayer image").count() + page.locator("#heatmap .hm").count() > 0
    assert page.locator("#terms .bars .point").count() > 20


def test_followed_themes_have_their_chart_and_cards(opened):
    page = opened(followed=True)
    draw_all(page)
    assert page.locator("#followed .plot svg", has_text="Sparse things").count() > 0
    assert page.locator("#followed article").count() == 3
    assert page.locator("#followed article .spark").first.is_visible()


def test_bursts_and_forecasts_are_drawn_where_there_are_any(opened):
    page = opened(followed=True)
    draw_all(page)
    assert page.locator("#bursts .bars .point").count() == 4
    widths = page.eval_on_selector_all(
        "#bursts .bars .point path", "bars => bars.map(b => b.getBBox().width)"
    )
    # A run of 13 months, two of 5 and 4, and a spike of one.
    longest = max(widths)
    assert sorted(width / longest for width in widths) == pytest.approx([1 / 13, 4 / 13, 5 / 13, 1], rel=0.05)
    assert page.locator("#bursts svg", has_text="incomplete").count() > 0
    assert page.locator("#forecast svg", has_text="forecast").count() > 0
    dashed = page.eval_on_selector_all(
        "#forecast .js-line", "lines => lines.filter(l => l.style.strokeDasharray === '9px, 5px').length"
    )
    assert dashed == 2
    page.locator("#forecast details summary").click()
    assert page.locator("#forecast table tbody tr", has_text="forecast").count() == 4
    page = opened(followed=False)
    assert page.locator("#bursts .plot").count() == 0
    assert "No burst to draw" in page.inner_text("#bursts")


def test_hatches_and_trees_are_drawn(opened):
    page = opened()
    draw_all(page)
    assert page.locator("#health pattern").count() > 0
    assert page.locator("#stream .scatterlayer .fills path, #stream .scatterlayer .js-fill").count() > 0
    assert page.locator("#stream pattern").count() > 0
    assert page.locator("#ranks .scatterlayer .js-line").count() > 6
    assert page.locator("#hierarchy .ytick").count() == page.locator("#similarity .ytick").count() == 6


def test_the_key_of_ranks_reads_from_the_first_down(opened):
    page = opened(width=320)
    draw_all(page)
    key = page.eval_on_selector_all("#ranks .key li", "items => items.map(i => i.innerText.trim())")
    names = page.eval_on_selector_all("#shares .key li", "items => items.map(i => i.innerText.trim())")
    assert sorted(key) == sorted(names)
    wanted = page.evaluate(
        "document.querySelector('#ranks .plot').data.map(t => [t.name, t.y.filter(v => v !== null).pop()])"
    )
    last = dict(wanted)
    plain = [name.removesuffix(" ?") for name in key]
    ranks = [last[name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")] for name in plain]
    assert ranks == sorted(ranks)


def test_names_of_periods_keep_apart_on_a_narrow_page(opened):
    page = opened(width=320, followed=True)
    draw_all(page)
    for name in ("shares", "forecast"):
        edges = page.eval_on_selector_all(
            f"#{name} .xtick text",
            "names => names.map(n => n.getBoundingClientRect()).map(r => [r.left, r.right])",
        )
        assert 2 <= len(edges) <= 4
        assert all(before[1] < after[0] for before, after in pairwise(edges)), name


def test_a_label_with_markup_is_shown_as_it_is_written(opened):
    page = opened()
    draw_all(page)
    assert page.locator("#shares svg", has_text="Routing & <b>gates</b>").count() > 0
    assert "Routing & <b>gates</b>" in page.inner_text("#topic-table")


def test_search_ignores_accents_and_wants_all_words(opened):
    page = opened()
    status(page, "All 180 papers.")
    page.fill("#paper-search", "uberraschende CACHES")
    status(page, "1 of 180 papers.")
    assert titles(page) == ["Überraschende Kodierung of caches"]
    assert page.get_attribute("#paper-table tbody a", "href") == "https://example.org/zero"
    page.fill("#paper-search", "uberraschende nothing")
    status(page, "0 of 180 papers.")


def test_papers_are_sorted_and_paged_by_buttons(opened):
    page = opened()
    status(page, "All 180 papers.")
    first = titles(page)
    assert len(first) == 50
    assert page.is_disabled("#paper-previous")
    page.click("#paper-next")
    assert titles(page)[0] not in first
    assert page.inner_text("#paper-page") == "Page 2 of 4"
    head = page.locator("#paper-table th", has_text="title")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert page.locator("#paper-table th[aria-sort]").count() == 1
    ascending = titles(page)
    assert ascending == sorted(ascending, key=str.casefold)
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert titles(page)[0].startswith("Überraschende")


def test_a_topic_filters_the_papers_from_its_card(opened):
    page = opened()
    status(page, "All 180 papers.")
    page.click("#topic-1 [data-papers]")
    n = int(
        page.evaluate(
            "document.getElementById('paper-topic').selectedOptions[0].text.match(/\\((\\d+)\\)/)[1]"
        )
    )
    assert 0 < n < 180
    status(page, f"{n} of 180 papers.")
    labels = page.eval_on_selector_all(
        "#paper-table tbody td:nth-child(3)", "cells => cells.map(c => c.innerText)"
    )
    assert set(labels) == {"Pruning"}


def test_topics_are_filtered_and_sorted(opened):
    page = opened()
    page.fill("#topic-search", "ROUTING <b>gates")
    page.wait_for_function("() => document.getElementById('topic-status').textContent === '1 of 6 topics.'")
    page.fill("#topic-search", "")
    page.wait_for_function("() => document.getElementById('topic-status').textContent === ''")
    page.locator("#topic-table th", has_text="topic").get_by_role("button").click()
    names = page.eval_on_selector_all("#topic-table tbody th a", "cells => cells.map(c => c.innerText)")
    assert names == ["Codes", "Graphs", "Kernels", "Pruning", "Routing & <b>gates</b>", "Tokens"]


def test_the_theme_follows_the_system_and_the_button(opened):
    page = opened(scheme="dark")
    draw_all(page)

    def ground():
        return page.evaluate(
            "[getComputedStyle(document.body).backgroundColor,"
            " document.querySelector('#shares .main-svg').style.background]"
        )

    assert ground() == ["rgb(18, 22, 27)", "rgb(18, 22, 27)"]
    button = page.locator("#theme")
    assert button.inner_text() == "Theme: auto"
    button.click()
    assert button.inner_text() == "Theme: light"
    assert ground() == ["rgb(255, 255, 255)", "rgb(255, 255, 255)"]
    button.click()
    assert button.inner_text() == "Theme: dark"
    assert ground() == ["rgb(18, 22, 27)", "rgb(18, 22, 27)"]


def test_the_map_is_searched_and_zoomed_by_controls(opened):
    page = opened()
    draw_all(page)
    page.fill("#map-search", "kodierung")
    page.wait_for_function(
        "() => document.getElementById('map-status').textContent === '1 paper found; ringed on the map.'"
    )
    assert page.locator("#map .plot .scatterlayer .point").count() == 181
    ranges = "document.getElementById('fig-07')._fullLayout.xaxis.range"
    before = page.evaluate(ranges)
    page.click("#map-in")
    page.wait_for_function(f"() => {ranges}[0] > {before[0]}")
    page.click("#map-reset")
    page.wait_for_function(f"() => Math.abs({ranges}[0] - {before[0]}) < 1e-6")


def test_pointing_at_a_paper_shows_its_title(opened):
    page = opened()
    draw_all(page)
    page.locator("#map .plot").scroll_into_view_if_needed()
    box = page.locator("#map .plot .scatterlayer .point").last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.getElementById('map-paper').textContent.includes('number')")
    assert re.search(r"number \d+ 20\d\d-\d\d-\d\d · \w", page.inner_text("#map-paper"))


@pytest.mark.parametrize(
    ("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("csv", b"topic_id,label,")]
)
def test_charts_and_their_numbers_can_be_saved(opened, kind, start):
    page = opened()
    draw_all(page)
    with page.expect_download() as download:
        page.click(f"[data-chart=fig-02][data-get={kind}]")
    assert download.value.suggested_filename == f"02-trends-over-time.{kind}"
    assert Path(download.value.path()).read_bytes().startswith(start)


def test_the_page_reads_without_javascript(opened):
    page = opened(java_script_enabled=False, wait=None)
    text = page.inner_text("main")
    assert "Without JavaScript this page shows no drawn charts" in text
    assert page.locator("#paper-table tbody tr").count() == 50
    assert not page.locator(".plot").first.is_visible()
    assert not page.locator("#paper-search").is_visible()
    page.locator("#shares details summary").click()
    assert page.locator("#shares table tbody tr").first.is_visible()


def test_an_older_browser_keeps_the_plain_page(opened):
    page = opened(script="delete window.DecompressionStream", wait="#old:visible")
    assert page.locator("#paper-table tbody tr").count() == 50
    assert not page.locator("#paper-search").is_visible()


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_scrolls_sideways(opened, width):
    page = opened(width=width, followed=True)
    draw_all(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_printing_draws_every_chart_in_light_colours(opened):
    page = opened(scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".plot .main-svg").count() >= 10
    grounds = page.eval_on_selector_all(
        ".plot", "plots => plots.map(p => p.querySelector('.main-svg').style.background)"
    )
    assert set(grounds) == {"rgb(255, 255, 255)"}
    widths = page.eval_on_selector_all(".plot .main-svg", "drawn => drawn.map(d => d.clientWidth)")
    assert set(widths) == {680, 880}
    page.emulate_media(media="print", color_scheme="dark")
    body = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(body) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.querySelector('#shares .main-svg').style.background") == "rgb(18, 22, 27)"


def test_every_control_is_reached_by_keyboard_and_shows_its_focus(opened):
    page = opened()
    status(page, "All 180 papers.")
    wanted = {
        "theme",
        "follow",
        "topic-csv",
        "provenance-json",
        "topic-search",
        "map-search",
        "map-in",
        "map-reset",
        "paper-search",
        "paper-topic",
        "paper-next",
    }
    seen = set()
    for _ in range(600):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "[document.activeElement.id, getComputedStyle(document.activeElement).outlineStyle]"
        )
        if name in wanted:
            assert outline == "solid", name
            seen.add(name)
        if seen == wanted:
            break
    assert seen == wanted


def test_axe_finds_the_one_pale_cell_among_many_and_a_button_without_a_name(opened):
    page = opened(bypass_csp=True)
    page.evaluate("document.querySelector('#topic-table tbody tr:last-child td').style.color = '#ddd'")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    found = " ".join(violations(page))
    assert "color-contrast" in found and "button-name" in found


@pytest.mark.parametrize(("scheme", "width"), EACH_ONCE)
def test_axe_finds_no_violation(opened, scheme, width):
    page = opened(width=width, scheme=scheme, followed=True, bypass_csp=True)
    draw_all(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.select_option("#follow", "topic-1")
    assert violations(page) == []
