"""What Chromium says of a page: when its first chart stands, what it asks the network for, what axe finds.

The network is off. Scripts that a page would load from elsewhere can be answered from packages on disk, so
that a page which needs them is also seen as its users see it.
"""

import re
import statistics
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.chromium import FOUND as CHROMIUM

ARGUMENTS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
)  # fmt: skip
"""WebGL is drawn by the processor, as on a machine without graphics."""

SIZE = {"width": 1280, "height": 800}
LOADS = 3
PATIENCE = 15_000
"""Milliseconds after which a page has no chart."""
SETTLED = 1_500
"""Milliseconds that a page may go on working after its first chart before its memory is read."""

WATCH = """
window.firstChart = null;
(function look() {
  const loading = document.getElementById("loading");
  const drawn = document.querySelector(".main-svg") ||
    (document.querySelector("#deck-container canvas") && loading && loading.style.display === "none");
  const place = document.querySelector(".plot");
  if (!drawn && place) { place.scrollIntoView(); }
  if (drawn) { requestAnimationFrame(() => { window.firstChart = performance.now(); }); }
  else { requestAnimationFrame(look); }
})();
"""
"""plotly's drawing stands; or DataMapPlot's canvas, its sign of loading gone.

This project's pages draw what is in view, so a reader who goes to the first chart at once is played.
"""

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
UNPKG = re.compile(r"https://unpkg\.com/(?P<name>[\w.-]+)@[\w.]+/(?P<path>.+)")
BOOTSTRAP = re.compile(r"https://maxcdn\.bootstrapcdn\.com/(?P<name>[\w-]+)/[\d.]+/(?P<path>.+)")


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a running browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


def measure(browser: Any, pages: dict[str, tuple[Path, Path | None]]) -> dict[str, dict[str, Any]]:
    """Measure pages by name, each with a folder of npm packages that answer its requests, or None.

    Pages take turns, so that what else the machine does meets all of them alike.
    """
    loads: dict[str, list[dict[str, Any]]] = {name: [] for name in pages}
    for turn in range(LOADS):
        for name, (path, scripts) in pages.items():
            if turn == 0 or loads[name][0]["first chart, ms"] is not None:
                loads[name].append(load(browser, path, scripts))
    return {
        name: {
            "bytes": path.stat().st_size,
            **summary(loads[name]),
            "axe": audit(browser, path, scripts),
        }
        for name, (path, scripts) in pages.items()
    }


def summary(loads: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the middle of the loads, and what the first one asked for and complained of."""
    times = [one["first chart, ms"] for one in loads]
    return {
        "first chart, ms": None if None in times else round(statistics.median(times)),
        "first chart, each load": times,
        "heap, MB": round(statistics.median(one["heap, MB"] for one in loads), 1),
        "requests": loads[0]["requests"],
        "console errors": loads[0]["console errors"],
    }


def load(browser: Any, path: Path, scripts: Path | None = None) -> dict[str, Any]:
    """Load a page in a fresh profile, with the network off."""
    requests: list[str] = []
    troubles: list[str] = []
    with opened(browser, scripts) as page:
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        first = ready(page, path)
        client = page.context.new_cdp_session(page)
        client.send("Performance.enable")
        client.send("HeapProfiler.collectGarbage")
        metrics = client.send("Performance.getMetrics")["metrics"]
        heap = next(entry["value"] for entry in metrics if entry["name"] == "JSHeapUsedSize")
    asked = sorted({url for url in requests if url.startswith(("http:", "https:", "ws:", "wss:"))})
    return {
        "first chart, ms": first,
        "heap, MB": heap / 1e6,
        "requests": asked,
        "console errors": [text[:160] for text in troubles],
    }


def audit(browser: Any, path: Path, scripts: Path | None = None) -> dict[str, int]:
    """Give the elements at fault by axe's rule."""
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, scripts, bypass_csp=True) as page:
        ready(page, path)
        options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
        found = Axe().run(page, options=options).response["violations"]
    return {rule["id"]: len(rule["nodes"]) for rule in found}


def photograph(browser: Any, path: Path, scripts: Path | None, picture: Path, at: str | None = None) -> None:
    """Save what the window shows of a page, scrolled to the first element that `at` selects."""
    with opened(browser, scripts) as page:
        ready(page, path)
        if at:
            page.eval_on_selector(at, "found => found.scrollIntoView()")
            page.wait_for_timeout(SETTLED)
        page.screenshot(path=picture)


def ready(page: Any, path: Path) -> float | None:
    """Go to a page, wait for its first chart and a little more; give the chart's milliseconds."""
    from playwright.sync_api import TimeoutError

    page.add_init_script(WATCH)
    page.goto(path.as_uri(), wait_until="commit")
    try:
        page.wait_for_function("() => window.firstChart !== null", timeout=PATIENCE)
    except TimeoutError:
        return None
    page.wait_for_timeout(SETTLED)
    return round(page.evaluate("window.firstChart"))


@contextmanager
def opened(browser: Any, scripts: Path | None, **options: Any) -> Iterator[Any]:
    """Give an empty page of a fresh profile without a network."""
    context = browser.new_context(viewport=SIZE, **options)
    if scripts:
        context.route(re.compile("^https?:"), lambda route: answer(route, scripts))
    context.set_offline(True)
    yield context.new_page()
    context.close()


def answer(route: Any, scripts: Path) -> None:
    """Answer a request from npm's packages, if the file is in one."""
    url = route.request.url
    named = UNPKG.fullmatch(url) or BOOTSTRAP.fullmatch(url)
    body = packed(scripts, named["name"], named["path"]) if named else None
    if body is None:
        route.abort()
        return
    kind = "text/css" if url.endswith(".css") else "text/javascript"
    route.fulfill(body=body, content_type=kind, headers={"Access-Control-Allow-Origin": "*"})


@cache
def packed(scripts: Path, name: str, path: str) -> bytes | None:
    """Read a file of a package as npm packs it; what is not at its place is looked for under dist/."""
    for archive in scripts.glob(f"{name}-*.tgz"):
        with tarfile.open(archive) as tar:
            for place in (f"package/{path}", f"package/dist/{path}"):
                if place in tar.getnames():
                    found = tar.extractfile(place)
                    return found.read() if found else None
    return None
