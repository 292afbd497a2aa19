"""The pages of docs/: their code runs, their commands exist, links and figures hold, they can be built."""

import json
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from typer.main import get_command

import trends as tr
from trends.cli import app
from trends.testing import exports

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READ_ALONE = [
    ROOT / name
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "DECISIONS.md",
        "reports/README.md",
        "benchmarks/README.md",
        "benchmarks/peers/README.md",
    )
]
ALL = [*PAGES, *READ_ALONE]
BLOCK = re.compile(r"(?:<!-- not run: ([^>]+) -->\n)?```python\n(.*?)```", re.S)
FENCE = re.compile(r"```.*?```", re.S)
COMMANDS = get_command(app).commands


def name(page):
    return page.relative_to(ROOT).as_posix()


def text(page):
    return page.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if "```python" in text(page)], ids=name)
def test_the_code_of_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    exports(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {}
    for reason, code in BLOCK.findall(text(page)):
        if not reason:
            exec(compile(code, name(page), "exec"), names)


def command_lines(page):
    """Return the command lines of a page: in console blocks, and between backquotes."""
    words = text(page)
    lines = [
        line.removeprefix("$ ")
        for block in re.findall(r"```(?:console)?\n(.*?)```", words, re.S)
        for line in block.splitlines()
        if line.startswith(("$ ", "make ", "trends ", "python -m "))
    ]
    inline = re.findall(r"`((?:trends|make|python -m) [^`]+)`", FENCE.sub("", words))
    return [part for line in [*lines, *inline] for part in re.split(r"&&|\\?\||\$\(|;", line.split("#")[0])]


def fault(line):
    """Return what is wrong with a command line, or ""."""
    try:
        words = shlex.split(line.replace("…", "").strip().removesuffix(")"))
    except ValueError as error:
        return str(error)
    if words[:2] == ["python", "-m"] and words[2].startswith(("benchmarks", "trends")):
        return "" if find_spec(words[2]) else "no such module"
    if words[:1] == ["make"] and len(words) > 1:
        return "" if re.search(rf"^{words[1]}:", text(ROOT / "Makefile"), re.M) else "no such target"
    if words[:1] != ["trends"] or len(words) < 2:
        return ""
    given = [word for word in words[1:] if word.startswith("-") and word != "-"]
    if words[1].startswith("-"):
        return (
            "" if given[0] in {"--help", "--version", "--install-completion", "--show-completion"} else line
        )
    if words[1] not in COMMANDS:
        return "" if words[1].isupper() else "no such command"
    params = COMMANDS[words[1]].params
    known = {option for param in params for option in [*param.opts, *param.secondary_opts]} | {"--help", "-h"}
    return ", ".join(option for option in given if option not in known)


@pytest.mark.parametrize("page", ALL, ids=name)
def test_every_command_that_a_page_names_exists(page):
    faults = {line: fault(line) for line in command_lines(page)}
    assert not {line: wrong for line, wrong in faults.items() if wrong}


def test_a_slip_in_a_command_is_seen():
    assert fault("trends report x --evry year") == "--evry"
    assert fault("trends reprot x") == "no such command"
    assert fault("make nothing") == "no such target"
    assert fault("python -m benchmarks.nothing") == "no such module"
    assert len(command_lines(DOCS / "tutorial.md")) > 8


def anchors(page):
    """Return the anchors of a page's headings, as GitHub and the built pages make them."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", text(page)), re.M)
    plain = [re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def links(page):
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", FENCE.sub("", text(page))))


@pytest.mark.parametrize("page", ALL, ids=name)
def test_every_link_leads_somewhere(page):
    for link in links(page):
        if "://" in link:
            assert link.startswith("https://"), link
            assert not re.search(r"pypi|npmjs|conda\.anaconda|proxy", link), link
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


def test_every_page_is_reached_from_the_index():
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        entries = re.findall(
            r"^[\w\[\]*/-]+$", "\n".join(re.findall(r"```\{toctree\}(.*?)```", text(page), re.S)), re.M
        )
        found = [
            page.parent / link.partition("#")[0]
            for link in links(page)
            if ".md" in link and "://" not in link
        ]
        found += [path for entry in entries for path in page.parent.glob(f"{entry}.md")]
        waiting += [path.resolve() for path in found if path.resolve() not in reached]
    assert set(PAGES) <= reached


def rooms():
    return {room for page in PAGES for room in re.findall(r"^\.\. room:: (\S+)$", text(page), re.M)}


def test_every_public_name_is_in_the_reference():
    homes = {public: tr._ROOMS.get(public, public) for public in tr.__all__}
    assert not {public: home for public, home in homes.items() if home not in rooms()}


@pytest.mark.slow
def test_the_tables_of_a_saved_study_are_as_described(tmp_path):
    tr.run(title="sample").save(tmp_path / "study")
    page = text(DOCS / "reference" / "saved-study.md")
    described = {
        file: re.findall(r"^\| `(\w+)` \|", part, re.M)
        for file, part in re.findall(r"^## (\S+\.parquet)\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    }
    written = {
        path.relative_to(tmp_path / "study").as_posix(): pd.read_parquet(path)
        for path in (tmp_path / "study").rglob("*.parquet")
    }
    columns = {
        file: [*([table.index.name] if table.index.name else []), *table.columns]
        for file, table in written.items()
    }
    assert described == columns
    for file in (tmp_path / "study").iterdir():
        assert file.name in page


SCORES = {"coverage": 2, "ami": 3, "ami_assigned": 3, "diversity": 3}


def result(file):
    return json.loads(text(ROOT / "benchmarks" / "results" / file))


def test_the_figures_of_the_comparison_are_those_of_the_benchmarks():
    page = text(DOCS / "comparison.md")
    for size in ("2,000", "6,000", "13,640"):
        for tool, found in result("peers.json")[f"arxiv_2025, {size} papers"]["main"].items():
            cells = [
                f"{found['seconds']['total']:.1f}",
                f"{found['peak memory, MiB']:,}",
                f"{found['n_topics']:.0f}",
                *(
                    f"{found[name]:.{digits}f}".lstrip("0") if name in found else "–"
                    for name, digits in SCORES.items()
                ),
            ]
            row = f"| {' | '.join(cells)} |"
            assert row in page, (size, tool, row)


READINGS = {
    "trends": "trends, measure",
    "BERTopic `topics_over_time`, slope of frequencies, p < .05": "BERTopic, topics_over_time",
    "BERTopic's topics, slope of shares": "BERTopic, share slope",
    "BERTopic's topics, `measure` of trends": "BERTopic, measure",
    "a rule like BERTrend's": "trends, BERTrend-like",
}


def test_the_figures_on_planted_trends_are_those_of_the_benchmarks():
    page, found = text(DOCS / "comparison.md"), result("planted_papers.json")["found"]
    for told, reading in READINGS.items():
        counted = [str(found[reading][kind]) for kind in ("risers", "fallers", "flat called")]
        assert f"| {told} | {' | '.join(counted)} |" in page


@pytest.mark.parametrize(
    ("corpus", "horizon", "told"),
    [
        ("hf_daily", 3, "Daily Papers, 3 months"),
        ("hf_daily", 6, "Daily Papers, 6 months"),
        ("conference", 2, "conferences, 2 years"),
        ("conference", 4, "conferences, 4 years"),
    ],
)
def test_the_figures_on_looking_back_are_those_of_the_benchmarks(corpus, horizon, told):
    rows = result("backtest.json")[corpus]["summary"]
    by_rule = {row["rule"]: row for row in rows if (row["horizon"], row["k"]) == (horizon, "10")}
    calls, naive = by_rule["calls"], by_rule[by_rule["calls"]["best"]]
    figures = [f"{row['precision']:.2f}".lstrip("0") for row in (calls, naive)]
    line = next(line for line in text(DOCS / "method.md").splitlines() if line.startswith(f"| {told} |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert [cells[1], *cells[3:]] == [str(calls["n_dates"]), *figures]
    assert calls["difference_low"] < 0, "the text says that no interval lies above 0"


def test_an_outside_request_would_be_seen():
    assert outside('<script src="https://cdn.example/x.js"></script>')
    assert outside('<link rel="stylesheet" href="//fonts.example/a.css">')
    assert outside("@import url(https://fonts.example/a.css)")
    assert not outside('<a class="x" href="https://example.org/">said</a>')


FETCHED = re.compile(
    r"""<(?:script|img|iframe|link|source|video|audio|embed)\b[^>]*(?:src|href)\s*=\s*["']?(?:https?:)?//"""
    r"""|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
)


def outside(words):
    """Return what a page or style sheet would fetch from another site when it is opened."""
    return FETCHED.findall(words)


@pytest.mark.slow
def test_the_pages_are_built_without_a_broken_link_and_ask_nothing_of_other_sites(tmp_path):
    built = tmp_path / "docs"
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-n", "-q", "docs", built]
    done = subprocess.run(
        [*command, "-d", tmp_path / "trees"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    files = [path for path in built.rglob("*") if path.suffix in (".html", ".css")]
    assert len(files) > len(PAGES)
    assert not {path.name: found for path in files if (found := outside(text(path)))}
    reference = "".join(text(path) for path in (built / "reference").glob("*.html"))
    for public in set(tr.__all__) - {"plot", "backtest", "scale"}:
        assert f'id="trends.{public}"' in reference, public
    for command in COMMANDS:
        assert f'id="trends-{command}"' in reference, command
