"""The command line: what each command writes, says and returns; never a traceback."""

import subprocess
import sys

import pandas as pd
import pytest

from trends import cli
from trends.papers import load, save
from trends.testing import papers


@pytest.fixture
def trends(monkeypatch, capsys):
    """Run a command in this process; give its exit code, output and messages."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["trends", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        code = stopped.value.code
        return 0 if code is None else code, out, err

    return run


def table(tmp_path, toy, name="papers.jsonl"):
    save(toy, tmp_path / name)
    return tmp_path / name


def test_report_ends_with_its_path(trends, tmp_path):
    source = table(tmp_path, papers(80))
    target = tmp_path / "deep" / "report.html"
    code, out, err = trends("report", source, "-o", target, "--encoder", "lsa", "--save", tmp_path / "study")
    assert (code, out.splitlines()[-1]) == (0, str(target))
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "80 papers" in err
    assert (tmp_path / "study" / "study.json").is_file()


def test_report_follows_the_themes_of_a_list(trends, tmp_path):
    source, watch = table(tmp_path, papers(80)), tmp_path / "mine.yml"
    watch.write_text("themes: [{name: My graphs, phrases: [graph networks]}]", encoding="utf-8")
    target = tmp_path / "r.html"
    code, _, err = trends("report", source, "-o", target, "--encoder", "lsa", "--watch", watch)
    assert code == 0, err
    page = target.read_text(encoding="utf-8")
    assert "Followed themes" in page
    assert "My graphs" in page
    watch.write_text("themes: [{name: My graphs}]", encoding="utf-8")
    code, out, err = trends("report", source, "-o", tmp_path / "none.html", "--watch", watch)
    assert (code, out) == (2, "")
    assert err.startswith("Error: mine.yml, theme 1 has neither phrases nor papers")
    assert not (tmp_path / "none.html").exists()


def test_report_without_input_says_that_it_is_the_sample(trends, tmp_path):
    code, _, err = trends("report", "-o", tmp_path / "r.html", "--encoder", "lsa")
    assert code == 0
    assert "embedded sample of 311 papers" in err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.txt", b"", "empty.txt"),
        ("picture.png", bytes(range(256)) * 20, "picture.png"),
        ("untitled.csv", b"year,venue\n2021,A\n2022,B\n", "untitled.csv"),
        ("broken.json", b"[{", "broken.json"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(trends, tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    code, out, err = trends("report", tmp_path / name, "-o", tmp_path / "r.html")
    assert code == 2
    assert out == ""
    assert err.startswith("Error: ")
    assert told in err
    assert "Traceback" not in err
    assert not (tmp_path / "r.html").exists()


def test_a_folder_with_nothing_readable_and_a_missing_file(trends, tmp_path):
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "absent.txt", tmp_path / "*.none"):
        code, _, err = trends("report", source, "-o", tmp_path / "r.html")
        assert code == 2
        assert err.startswith("Error: ")


def undated(toy):
    toy["date"] = pd.Series(pd.NaT, index=toy.index, dtype="datetime64[us]")
    toy["date_precision"] = toy["date_precision"].cat.set_categories(toy["date_precision"].cat.categories)
    toy.loc[:, "date_precision"] = "unknown"
    return toy


def alike(toy):
    toy["abstract"] = "Node edge graph message passing."
    toy["title"] = [f"A graph paper, part {k}" for k in range(len(toy))]
    return toy


@pytest.mark.parametrize(
    "toy",
    [papers(3), papers(1), alike(papers(40)), undated(papers(80))],
    ids=["three", "one", "forty alike", "no dates"],
)
def test_a_corpus_that_shows_little_still_gives_a_report(trends, tmp_path, toy):
    code, out, err = trends(
        "report", table(tmp_path, toy), "-o", tmp_path / "r.html", "--encoder", "lsa", "--every", "month"
    )
    assert code == 0, err
    assert out.strip() == str(tmp_path / "r.html")


def test_load_and_sample_write_tables(trends, tmp_path):
    code, out, _ = trends("sample", "-o", tmp_path / "s.jsonl")
    assert (code, out.strip()) == (0, str(tmp_path / "s.jsonl"))
    code, out, err = trends("load", tmp_path / "s.jsonl", "-o", tmp_path / "p.parquet")
    assert code == 0
    assert "311 papers" in err
    assert len(load(tmp_path / "p.parquet")) == 311


def test_health_prints_its_table(trends, tmp_path):
    code, out, _ = trends("health", table(tmp_path, papers(10)))
    assert code == 0
    assert "10" in out
    assert len(out.splitlines()) > 5


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "--detail", "7"),
        ("report", "--every", "decade"),
        ("nonsense",),
        ("report", "--encoder", "x"),
    ],
)
def test_wrong_options_are_told(trends, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    code, _, err = trends(*arguments)
    assert code == 2
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(trends, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = trends("sample", "-o", tmp_path / "file" / "s.jsonl")
    assert code in (1, 2)
    assert err.startswith("Error: ")


@pytest.mark.parametrize("command", [(), ("report",), ("load",), ("health",), ("sample",)])
def test_every_command_has_help(trends, command):
    code, out, _ = trends(*command, "--help")
    assert code == 0
    assert "Usage" in out


def test_python_m_trends_is_the_same_command():
    done = subprocess.run(
        [sys.executable, "-m", "trends", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("trends ")
