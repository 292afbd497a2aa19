"""Following a topic: chosen anywhere, shown everywhere, kept in the address, undone by one key."""

import re

import pytest
from pages import draw_all, status, titles

FOLLOWED = "() => document.getElementById('following').hidden ? '' : location.hash"


def hit(page, selector, text=None, nth=0):
    """Click the middle of an element, by mouse, wherever something lies over it."""
    found = page.locator(selector, has_text=text) if text else page.locator(selector)
    found = found.nth(nth)
    found.scroll_into_view_if_needed()
    # A chart that comes into view may be drawn anew, with other elements.
    page.wait_for_timeout(150)
    found.wait_for(state="visible")
    box = found.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_timeout(150)
    page.mouse.click(x, y)


def following(page):
    return page.evaluate(FOLLOWED)


PLACES = {
    "row of the table": ("#topic-table tbody tr td:nth-child(2)", None, 1),
    "name in the table": ("#topic-table tbody tr th a", "Pruning", 0),
    "finding": (".findings a[href^='#topic-']", None, 0),
    "heading of a card": ("#topic-1 h3 a", None, 0),
    "papers of a card": ("#topic-1 [data-papers]", None, 0),
    "neighbour in a card": ("#topic-2 .more a[href='#topic-1']", None, 0),
    "name at a line": ("#shares .annotation", "Pruning", 0),
    "name of a rank": ("#ranks .annotation", "Pruning", 0),
    "name of a layer": ("#stream .annotation", "Pruning", 0),
    "name on the map": ("#map .annotation", "Pruning", 0),
    "heading of words": ("#terms .annotation", "Pruning", 0),
    "name of a forest row": ("#growth .ytick", "Pruning", 0),
    "name of a heat map row": ("#heatmap .ytick", "Pruning", 0),
    "name of a burst row": ("#bursts .ytick", "Pruning", 0),
    "name of a similarity row": ("#similarity .ytick", "Pruning", 0),
    "leaf of the tree": ("#hierarchy .ytick", "Pruning", 0),
    "bar of a burst": ("#bursts .bars .point", None, 0),
    "bar of words": ("#terms .bars .point", None, 0),
    "cell of the heat map": ("#heatmap .heatmaplayer image", None, 0),
    "cell of the similarity": ("#similarity .plot", None, 0),
    "point of a rank": ("#ranks .scatterlayer .point", None, 3),
    "point of the map": ("#map .scatterlayer .point", None, 100),
    "point of the forest": ("#growth .scatterlayer .point", None, 0),
    "point of the tree": ("#hierarchy .scatterlayer .trace:last-child .point", None, 1),
}


def test_a_topic_is_followed_from_wherever_it_stands(opened):
    page = opened(followed=True)
    draw_all(page)
    for name, place in PLACES.items():
        if not page.locator(place[0]).count():
            assert name == "finding", name
            continue
        hit(page, *place)
        page.wait_for_function(FOLLOWED, timeout=3000)
        found = following(page)
        # Where the place names the topic, it is that one.
        assert re.fullmatch(r"#topic-1" if "Pruning" in place else r"#topic--?\d+", found), (name, found)
        page.keyboard.press("Escape")
        assert following(page) == "", name


def test_what_is_followed_is_shown_everywhere(opened):
    page = opened(followed=True)
    draw_all(page)
    page.select_option("#follow", "topic-1")
    assert following(page) == "#topic-1"
    name = page.inner_text("#following-name")
    assert name == "Pruning"
    n = page.evaluate("document.querySelector('#topic-table tr[data-about=topic-1] td').dataset.value")
    status(page, f"{n} of 180 papers.")
    assert page.inner_text("#following-papers") == f"{n} papers"
    assert page.inner_text("#paper-chip") == "Topic: Pruning"
    assert set(
        page.eval_on_selector_all("#paper-table tbody td:nth-child(3)", "t => t.map(c => c.innerText)")
    ) == {"Pruning"}
    marked = page.eval_on_selector_all("[data-about][aria-current]", "all => all.map(n => n.dataset.about)")
    assert set(marked) == {"topic-1"}
    assert len(marked) >= 2
    for section in ("shares", "ranks", "stream", "terms", "bursts"):
        page.locator(f"#{section} .plot").scroll_into_view_if_needed()
        page.wait_for_function(
            f"() => document.querySelector('#{section} .plot').data.some(t => t.opacity < 0.2)"
        )
        kept = page.evaluate(
            f"document.querySelector('#{section} .plot').data"
            ".filter(t => !(t.opacity < 0.2) && t.meta && 'topic' in t.meta).map(t => t.meta.topic)"
        )
        assert set(kept) == {1}, section
    for section in ("growth", "hierarchy"):
        page.locator(f"#{section} .plot").scroll_into_view_if_needed()
        page.wait_for_function(
            f"() => document.querySelector('#{section} .plot').data.some(t => t.opacity === 0.25)"
        )
        chosen = page.evaluate(
            f"document.querySelector('#{section} .plot').data.filter(t => t.meta && t.opacity !== 0.25)"
            ".map(t => [t.x.length, t.y.length])"
        )
        assert chosen == [[1, 1]], section
    page.locator("#heatmap .plot").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('#heatmap .plot').data.length === 2")
    cells = page.evaluate(
        "document.querySelector('#heatmap .plot').data[1].z.map(r => r.some(v => v !== null))"
    )
    assert sum(cells) == 1
    page.locator("#map .plot").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('#map .plot').data.at(-1).name === 'followed'")
    assert page.evaluate("document.querySelector('#map .plot').data.at(-1).x.length") == int(n)
    page.locator("#forecast .plot").scroll_into_view_if_needed()
    assert page.inner_text("#forecast .absent") == "Not drawn here"
    assert page.inner_text("#shares .absent") == ""


def test_a_theme_is_followed_too(opened):
    page = opened(followed=True)
    draw_all(page)
    hit(page, "#followed .annotation", "Two caches")
    assert following(page) == "#theme-1"
    n = page.inner_text("#following-papers").split()[0]
    status(page, f"{n} of 180 papers.")
    assert 0 < int(n) < 180
    assert len(titles(page)) == int(n)
    assert page.inner_text("#paper-chip") == "Theme: Two caches"
    kept = page.evaluate(
        "document.querySelector('#followed .plot').data.filter(t => !(t.opacity < 0.2)).map(t => t.meta)"
    )
    assert kept
    assert all(meta == {"topic": 1} for meta in kept)
    page.locator("#shares .plot").scroll_into_view_if_needed()
    assert page.evaluate("document.querySelector('#shares .plot').data.every(t => t.opacity !== 0.15)"), (
        "a theme is no topic, although both have the number 1"
    )
    page.click("#paper-chip")
    assert following(page) == ""
    status(page, "All 180 papers.")


def test_the_address_restores_what_is_followed(opened):
    page = opened(at="#topic-2")
    page.wait_for_function(FOLLOWED)
    assert page.inner_text("#following-name") == "Kernels"
    assert page.input_value("#follow") == page.input_value("#paper-topic") == "topic-2"
    page.locator("#shares .plot").scroll_into_view_if_needed()
    page.wait_for_selector("#shares .main-svg")
    assert page.locator("#shares .annotation", has_text="Kernels").count() == 1
    page.select_option("#follow", "topic-3")
    page.go_back()
    page.wait_for_function("() => location.hash === '#topic-2'")
    assert page.inner_text("#following-name") == "Kernels"
    page.click(".contents a[href='#papers']")
    assert page.is_visible("#following")
    page.click("#follow-nothing")
    assert page.is_hidden("#following")
    assert page.evaluate("location.hash + document.activeElement.id") == "follow"


@pytest.mark.parametrize("name", ["topic-999", "theme-0", "topic-", "topic-1<b>", "constructor", "%00"])
def test_an_address_that_names_nothing_follows_nothing(opened, name):
    page = opened(at=f"#{name}")
    assert page.is_hidden("#following")
    status(page, "All 180 papers.")


def test_following_by_keyboard_alone_is_announced(opened):
    page = opened()
    page.locator("#follow").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function(FOLLOWED)
    said = page.inner_text("#follow-status")
    assert re.fullmatch(r"Following Routing & <b>gates</b>: \d+ papers in the papers table and .*", said)
    assert page.get_attribute("#follow-status", "role") == "status"
    page.locator("#following-papers").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "papers-h"
    assert following(page) == "#topic-0"
    page.keyboard.press("Escape")
    assert page.inner_text("#follow-status") == "Following nothing; all topics are shown."
    page.fill("#paper-search", "kernels")
    page.select_option("#follow", "topic-1")
    page.locator("#paper-search").focus()
    page.keyboard.press("Escape")
    assert page.input_value("#paper-search") == ""
    assert following(page) == "#topic-1", "Escape empties the field first"


@pytest.mark.parametrize("width", [320, 1280])
def test_following_moves_nothing(opened, width):
    page = opened(width=width, followed=True)
    draw_all(page)
    places = (
        "() => [...document.querySelectorAll('h2, figure, .card')].slice(0, -2)"  # all above the papers table
        ".map(n => Math.round(n.getBoundingClientRect().top + scrollY))"
    )
    before = page.evaluate(places)
    page.select_option("#follow", "topic-5")
    draw_all(page)
    page.wait_for_timeout(300)
    assert page.evaluate(places) == before


def test_paper_shows_nothing_half_chosen(opened):
    page = opened(followed=True, at="#topic-1")
    draw_all(page)
    page.wait_for_function(FOLLOWED)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("[data-about][aria-current]").count() == 0
    assert page.locator("[aria-pressed=true]").count() == 0
    assert page.inner_text("#paper-status") == "All 180 papers."
    assert page.evaluate(
        "[...document.querySelectorAll('.plot')].every(p => p.data.every(t => t.opacity !== 0.15))"
    )
    page.emulate_media(media="print")
    assert not page.is_visible("#following")
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert following(page) == "#topic-1"
    assert page.inner_text("#paper-status") != "All 180 papers."


def test_a_key_under_a_narrow_chart_follows(opened):
    page = opened(width=320, followed=True)
    draw_all(page)
    button = page.locator("#shares .key button", has_text="Pruning")
    button.press("Enter")
    assert following(page) == "#topic-1"
    assert page.locator("#shares .key button[aria-pressed=true]").inner_text() == "Pruning"
    page.locator("#shares .key button", has_text="Pruning").press("Enter")
    assert following(page) == ""


def test_a_legend_keeps_its_place_when_the_window_changes(opened):
    page = opened(followed=True)
    draw_all(page)
    page.locator("#growth .plot").scroll_into_view_if_needed()
    for width in (760, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(700)
        low, top = page.evaluate(
            "[document.querySelector('#growth .legend').getBoundingClientRect().bottom,"
            " document.querySelector('#growth .gridlayer').getBoundingClientRect().top]"
        )
        assert low <= top + 1, width
