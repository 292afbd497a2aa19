"""What the documents say is so: the README's code runs, its names exist, its figures are those measured."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

import trends as tr
from trends.testing import exports

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.mark.slow
def test_the_notebook_lines_of_the_readme_run():
    names = {}
    exec(BLOCKS[0], names)
    assert len(names["papers"]) == 311
    assert names["topics"].n_unassigned < 47


@pytest.mark.slow
def test_the_trend_lines_of_the_readme_run():
    names = {}
    exec(BLOCKS[1], names)
    assert len(names["papers"]) == 311 and len(names["trends"].calls) == len(names["topics"].table)


@pytest.mark.slow
def test_the_lines_about_slides_and_next_week_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(BLOCKS[2], names)
    assert len(names["study"].papers) < len(names["later"].papers) == 311
    assert (tmp_path / "talk" / "deck.pptx").is_file() and (tmp_path / "report.html").is_file()


class Day(BaseHTTPRequestHandler):
    """Answers as the Daily Papers do, with one paper a day."""

    def do_GET(self):
        day = dict(parse_qsl(urlsplit(self.path).query))["date"]
        paper = {"id": f"2501.{day[-2:]:0>5}", "title": f"Of {day}", "publishedAt": f"{day}T00:00:00.000Z"}
        body = json.dumps([{"title": paper["title"], "paper": paper}]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def test_the_loading_lines_of_the_readme_run(tmp_path, monkeypatch):
    exports(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "cache"))
    zotero, scopus, daily = BLOCKS[3:]
    names = {}
    exec(zotero, names)
    assert len(names["papers"]) == len(tr.load("library.parquet")) == 40
    exec(scopus, names)
    assert names["papers"]["completed"].map(len).gt(0).any()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Day)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        monkeypatch.setenv("TRENDS_HF_URL", f"http://127.0.0.1:{server.server_port}")
        exec(daily.replace("2025-12-31", "2025-01-03"), names)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert names["papers"]["title"].tolist() == ["Of 2025-01-01", "Of 2025-01-02", "Of 2025-01-03"]


def test_every_name_of_the_front_door_exists():
    used = set(re.findall(r"\btr\.((?:plot\.)?[A-Za-z_]+)", README))
    assert used >= {"load", "run", "open", "plot.shares"}
    for name in used | set(tr.__all__):
        found = tr
        for part in name.split("."):
            found = getattr(found, part)
    assert set(tr.__all__) <= set(dir(tr))


def test_what_is_not_there_is_told_plainly():
    with pytest.raises(AttributeError, match="has no attribute 'visualize'"):
        _ = tr.visualize


def test_the_figures_of_the_readme_are_those_of_the_benchmarks():
    found = json.loads((ROOT / "benchmarks" / "results" / "reproducibility.json").read_text(encoding="utf-8"))
    ratio = f"{found['second run / first run']:.3f}".lstrip("0")
    assert f"a ratio of {ratio}" in README
    assert found["second run loaded"] == []
    assert found["shuffled rows and another hash seed, same report bytes"]
    assert found["one thread, share of papers in another topic"] == 0
    seeds = json.loads((ROOT / "benchmarks" / "results" / "themes.json").read_text(encoding="utf-8"))
    all_six = sum(seed["themes found of 6"] == 6 for seed in seeds.values())
    assert f"all six at {all_six} of {len(seeds)} seeds" in README


def test_the_figures_on_loading_are_those_of_the_benchmarks():
    found = json.loads((ROOT / "benchmarks" / "results" / "loading.json").read_text(encoding="utf-8"))
    pandas = found["conference"]["pandas / load"]
    time, memory = pandas["processor seconds"]["median"], pandas["peak memory"]["median"]
    assert f"pandas takes {time:.2f}".replace(" 0.", " .") + f" of the time and {memory:.1f} times" in README
    bibtex = found["peers"]["papers.bib"]
    ratios = [bibtex[f"{peer} / load"]["processor seconds"]["median"] for peer in ("pybibx", "litstudy")]
    assert f"{ratios[0]:.1f} and {ratios[1]:.1f} times faster" in README
    peaks = {
        size: runs["since 2024, q-fin.TR"]["peak memory, MiB"] for size, runs in found["snapshot"].items()
    }
    assert set(peaks.values()) == {129}
    assert "129 MiB, as for 100,000 papers" in README


def test_pictures_and_files_that_documents_name_are_there():
    for page in ("README.md", "reports/README.md", "CONTRIBUTING.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
            assert (ROOT / page).parent.joinpath(picture).is_file(), picture
    for folder in re.findall(r"^  (\w+)/ ", README, re.M):
        assert (ROOT / "trends" / folder).is_dir(), folder


def test_notebooks_carry_no_outputs_and_have_parameters():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
        assert "parameters" in code[0]["metadata"]["tags"]
        assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_every_public_function_is_documented():
    for name in tr.__all__:
        thing = getattr(tr, name)
        if callable(thing):
            assert thing.__doc__, name
            assert thing.__doc__.strip().splitlines()[0].endswith((".", ":")), name
