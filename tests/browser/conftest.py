"""Pages opened in Chromium, each checked at its end: no request, no message on the console, no dialog."""

import pytest
import toys

from trends.report import Report

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-precise-memory-info",
]  # fmt: skip

LABELS = ("Routing & <b>gates</b>", "Pruning", "Kernels", "Codes", "Graphs", "Tokens")


@pytest.fixture(scope="session")
def browser(launch):
    running = launch(ARGUMENTS)
    yield running
    running.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Two pages in one folder: report.html, and followed.html with themes, bursts, forecasts and turns."""
    papers = toys.papers(180)
    papers.loc["local-0", "title"] = "Überraschende Kodierung of caches"
    topics = toys.topics(papers, LABELS)
    trends, folder = toys.trends(papers, topics), tmp_path_factory.mktemp("page")
    options = {"title": "Toy papers", "health": toys.health(papers)}
    full = Report.standard(papers, topics, toys.eventful(), **options, **toys.followed(papers))
    full.save(folder / "followed.html")
    return Report.standard(papers, topics, trends, **options).save(folder / "report.html").as_uri()


@pytest.fixture
def opened(browser, address):
    """Open pages by width, colour scheme and further options; at the end check that all were silent."""
    contexts, requests, troubles = [], [], []

    def open_page(
        width=1280,
        scheme="light",
        wait="html[data-ready=charts]",
        script="",
        followed=False,
        at="",
        url=None,
        **options,
    ):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        if script:
            page.add_init_script(script)
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.goto((url or (address.replace("report.html", "followed.html") if followed else address)) + at)
        if wait:
            page.wait_for_selector(wait)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith(("file:", "blob:", "data:"))] == []
    assert troubles == []
