"""A real JupyterLab in Chromium: views, charts and the explorer, and no request that leaves the machine."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOSTILE = "Routing <script>window.pwned=1</script><img src=x onerror=window.pwned=2> **bold** `code`"
CELLS = [
    f"""
import toys
from trends import plot
from trends.explorer import Explorer
hostile = {HOSTILE!r}
papers = toys.papers(180)
papers["title"] = papers["title"] + " " + hostile
topics = toys.topics(papers, (hostile, "Pruning", "Kernels"))
trends = toys.trends(papers, topics)
topics
""",
    "trends",
    "plot.shares(trends)",
    "explorer = Explorer(papers, topics, trends)\nexplorer",
]  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory, launch):
    """Start JupyterLab on the loopback with a token and folders of its own; give its address."""
    for name in ("jupyterlab", "ipykernel", "ipywidgets", "anywidget"):
        pytest.importorskip(name, reason=f"{name} is absent; install trends[notebook]")
    import nbformat

    home = tmp_path_factory.mktemp("lab")
    folders = {
        name: str(home / name.lower())
        for name in (
            "HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR",
        )
    }  # fmt: skip
    for folder in (*folders.values(), home / "work"):
        Path(folder).mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, home / "work" / "small.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {
        **os.environ, **folders, "JUPYTER_TOKEN": token, "JUPYTER_NO_CONFIG": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={home / 'work'}",
        "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]  # fmt: skip
    with (home / "log").open("w") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(400):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=2).close()
                break
            if running.poll() is not None:
                break
            time.sleep(0.1)
        else:
            pytest.fail("JupyterLab did not start: " + (home / "log").read_text()[-2000:])
        yield f"http://127.0.0.1:{port}", token
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture(scope="module")
def notebook(lab, launch):
    """Open the notebook and run its cells; at the end nothing must have left the machine."""
    address, token = lab
    browser = launch(ARGUMENTS)
    page = browser.new_page(viewport={"width": 1300, "height": 2400})
    page.set_default_timeout(40_000)
    requests, dialogs = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{address}/lab/tree/small.ipynb?token={token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function("window.jupyterapp && jupyterapp.shell.currentWidget.context.isReady")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".jp-CodeCell:nth-of-type(4) .jp-OutputArea .main-svg")
    yield page
    browser.close()
    assert [url for url in requests if not url.startswith((f"{address}/", "data:", "blob:"))] == []
    assert dialogs == []


def ask(page, code):
    """Run code in the notebook's kernel and return what it prints."""
    return page.evaluate(
        """async code => {
            const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            let text = '';
            const future = kernel.requestExecute({code});
            future.onIOPub = ({content}) => { if (content.name === 'stdout') text += content.text; };
            await future.done;
            return text.trim();
        }""",
        code,
    )


def cell(page, number):
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-OutputArea").first


def choose(page, **options):
    cell(page, 3).locator("select").filter(has_text="map of papers").select_option(**options)


def test_views_and_chart_are_drawn(notebook):
    assert cell(notebook, 0).locator(".trends-view tbody tr").count() == 3
    assert cell(notebook, 1).locator(".trends-view svg.l").count() == 3
    assert cell(notebook, 2).locator(".main-svg").count() > 0


def test_hostile_text_is_shown_as_it_is_written(notebook):
    # JupyterLab's renderer of plotly keeps a picture of the chart for later, of a class of its own.
    for number in range(4):
        assert "<script>" in cell(notebook, number).inner_text() or number == 2
        assert cell(notebook, number).locator("script, [onerror], img:not(.plot-img)").count() == 0
    assert "<img src=x onerror=" in cell(notebook, 3).locator("table").inner_text()
    assert notebook.evaluate("window.pwned") is None


def test_the_dropdown_changes_the_chart(notebook):
    chart = cell(notebook, 3).locator(".main-svg").first
    assert "Share of all papers" in chart.locator("xpath=..").inner_text()
    choose(notebook, label="heat map")
    cell(notebook, 3).locator(".heatmaplayer, .hm").first.wait_for(state="attached")
    assert ask(notebook, "print(explorer.chart)") == "heatmap"
    ask(notebook, "explorer.chart = 'shares'")
    cell(notebook, 3).locator(".scatterlayer .js-line").first.wait_for(state="attached")


def test_what_a_person_picks_is_a_selection_in_python(notebook):
    options = cell(notebook, 3).locator("select[multiple] option")
    wanted = [text for text in options.all_inner_texts() if text.strip().startswith("Pruning")]
    cell(notebook, 3).locator("select[multiple]").select_option(label=wanted)
    cell(notebook, 3).locator(".trends-view b", has_text="Pruning").wait_for()
    assert ask(notebook, "print(explorer.topics, set(explorer.selection['label']))") == (
        "('Pruning',) {'Pruning'}"
    )
    search = cell(notebook, 3).locator("input[type=text]").first
    search.fill("CACHES")
    search.press("Enter")
    cell(notebook, 3).locator(".trends-view b", has_text="CACHES").wait_for()
    n = int(ask(notebook, "print(len(explorer.selection))"))
    assert 0 < n < 54
    cell(notebook, 3).get_by_role("button", name="Clear").click()
    cell(notebook, 3).locator(".trends-view b", has_text="180 of 180").wait_for()


def test_points_are_picked_on_the_map(notebook):
    choose(notebook, label="map of papers")
    cell(notebook, 3).locator(".gtitle", has_text="Map of papers").wait_for()
    drag = cell(notebook, 3).locator(".nsewdrag").first
    drag.wait_for()
    drag.scroll_into_view_if_needed()
    notebook.wait_for_timeout(300)
    box = drag.bounding_box()
    x, y, wide, high = box["x"], box["y"], box["width"], box["height"]
    notebook.mouse.move(x + 2, y + 2)
    notebook.mouse.down()
    for right, down in ((0.5, 0.01), (0.5, 0.98), (0.01, 0.98), (0.01, 0.02)):
        notebook.mouse.move(x + wide * right, y + high * down, steps=6)
    notebook.mouse.up()
    cell(notebook, 3).locator(".trends-view b", has_text="picked on the map").wait_for()
    left = ask(
        notebook,
        "x = topics.members['x']; picked = list(explorer.points)\n"
        "print(len(picked), x[picked].max() < x.quantile(0.8))",
    )
    n, on_the_left = left.split()
    assert 0 < int(n) < 180
    assert on_the_left == "True"
    ask(notebook, "explorer.points = None; explorer.chart = 'shares'")


def luminance(rgb):
    parts = [value / 255 for value in rgb[:3]]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_texts_are_readable_in_both_themes(notebook, theme):
    notebook.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    light = str(theme.endswith("Light")).lower()
    notebook.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
    notebook.wait_for_timeout(500)
    if picture := os.environ.get("TRENDS_PICTURES"):
        notebook.screenshot(path=Path(picture) / f"{theme[-5:].strip()}.png")
    pairs = notebook.evaluate(
        """() => {
            const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
            const plain = (colour, under) => {
                canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1);
                canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
                return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
            };
            const ground = element => {
                for (let e = element; e; e = e.parentElement) {
                    const colour = getComputedStyle(e).backgroundColor;
                    if (!/, 0\\)$|transparent/.test(colour)) return colour;
                }
                return 'white';
            };
            const texts = document.querySelectorAll('.trends-view :is(td, th, .q, b, a, code, small)');
            return [...texts].map(e => [e.innerText.slice(0, 40),
                plain(getComputedStyle(e).color, ground(e)), plain(ground(e), 'white')]);
        }"""
    )
    assert len(pairs) > 50
    for text, colour, ground in pairs:
        bright, dark = sorted([luminance(colour), luminance(ground)], reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, (theme, text, colour, ground)
