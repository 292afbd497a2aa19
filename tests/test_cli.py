"""The command line: what each command writes, says and returns; never a traceback."""

import json
import re
import subprocess
import sys

import pandas as pd
import pytest
from typer.main import get_command

from trends import cli, plot
from trends.cli._app import EXIT_CODES
from trends.cli._study import Chart
from trends.papers import load, save
from trends.study import open as open_study
from trends.study import run
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


COMMANDS = sorted(get_command(cli.app).commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_manual_with_examples_and_stands_in_that_of_all(trends, command):
    code, out, _ = trends(command, "--help")
    assert code == 0
    assert f"trends {command} [OPTIONS]" in out
    examples = out.split("Examples:")[1].splitlines()
    assert any(line.strip().startswith(f"trends {command}") for line in examples)
    assert max(map(len, out.splitlines())) <= 80
    _, whole, _ = trends("--help")
    assert re.search(rf"^  {command}  +[A-Z]", whole, re.M)


def test_the_manual_says_what_scripts_rely_on(trends):
    code, out, _ = trends("--help")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    headings = re.findall(r"^ *([A-Z][^.]*):$", out, re.M)
    assert headings.index("Read papers") < headings.index("Find themes and trends")
    assert "Commands" not in headings, "give each command a rich_help_panel"
    for number, meaning in EXIT_CODES.items():
        assert f"    {number:<4} {meaning}\n" in out
    assert trends()[0] == 2  # without a command the manual is shown, but nothing was done


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("reportt",), "Did you mean 'report'?"),
        (("halth",), "Did you mean 'health'?"),
        (("report", "--evry", "year"), "--every"),
        (("report", "--every", "yaer"), "'auto', 'week', 'month', 'quarter', 'year'"),
        (("plot", "--chart", "bubble"), "'shares'"),
        (("plot", "-o", "x.pdf"), "must end in .html, .json, .csv, not '.pdf'"),
        (("plot", "-o", "x"), "must end in .html, .json, .csv, not 'nothing'"),
    ],
)
def test_a_slip_is_answered_with_what_was_probably_meant(trends, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    code, out, err = trends(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("shell", "sign"),
    [("bash", "complete -o"), ("zsh", "#compdef trends"), ("fish", "complete --command trends")],
)
def test_completion_scripts_are_printed(trends, monkeypatch, shell, sign):
    monkeypatch.setenv("_TRENDS_COMPLETE", f"source_{shell}")
    code, out, _ = trends()
    assert code == 0
    assert sign in out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("trends re", {"report"}),
        ("trends plot --chart s", {"shares", "stream", "similarity"}),
        ("trends report --every m", {"month"}),
        ("trends fetch ", {"hf", "arxiv", "openalex", "s2"}),
        ("trends report --obs", {"--observed-until"}),
    ],
)
def test_commands_options_and_their_values_are_completed(trends, monkeypatch, typed, offered):
    monkeypatch.setenv("_TRENDS_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split(" ")) - 1))
    _, out, _ = trends()
    assert set(out.split()) == offered


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A saved study of toy papers."""
    folder = tmp_path_factory.mktemp("saved") / "study"
    run(papers(80), encoder="lsa", title="Toys").save(folder)
    return folder


def test_a_saved_study_is_opened_and_gives_the_same_report(trends, saved, tmp_path):
    first, again = tmp_path / "first.html", tmp_path / "again.html"
    open_study(saved).report(first)
    code, out, err = trends("report", saved, "-o", again)
    assert (code, out) == (0, f"{again}\n")
    assert f"kept in {saved}" in err
    assert first.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--every", "year"), "--every is decided already"),
        (("--topics", "5"), "--topics is decided already"),
        (("--encoder", "lsa"), "--encoder is decided already"),
        (("--name-with", "http://localhost:1/v1", "m"), "--name-with is decided already"),
        (("again.jsonl",), "must be the only input"),
    ],
)
def test_a_saved_study_is_not_made_anew_in_secret(trends, saved, tmp_path, options, told):
    code, out, err = trends("report", saved, *options, "-o", tmp_path / "r.html")
    assert (code, out) == (2, "")
    assert told in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chart", list(Chart))
def test_every_chart_can_be_drawn_by_itself(trends, saved, tmp_path, chart):
    code, out, err = trends("plot", saved, "--chart", chart, "-o", tmp_path / "chart.json")
    assert (code, out) == (0, f"{tmp_path / 'chart.json'}\n"), err
    drawn = json.loads((tmp_path / "chart.json").read_text(encoding="utf-8"))
    assert drawn["layout"]["meta"]["alt"] in err


def test_every_chart_that_is_drawn_can_be_asked_for():
    assert set(Chart) == {
        name
        for name in plot.__all__
        if name.islower()
        and name not in ("table", "colour_swap", "topic_colours")
        and name != "evolution"  # of two studies
    }


def test_a_chart_is_a_page_or_numbers(trends, saved, tmp_path):
    for ending in ("html", "csv"):
        code, _, err = trends("plot", saved, "--top", 2, "-o", tmp_path / f"shares.{ending}")
        assert code == 0, err
    page = (tmp_path / "shares.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "Toys" in page
    numbers = pd.read_csv(tmp_path / "shares.csv")
    assert {"topic_id", "period", "share"} <= set(numbers.columns)
    assert (numbers["share"] <= 1).all()


@pytest.mark.parametrize(
    "command",
    [
        ("sample", "-o", "out.jsonl"),
        ("load", "in.jsonl", "-o", "out.csv"),
        ("complete", "in.jsonl", "--from", "in.jsonl", "-o", "out.parquet"),
        ("report", "in.jsonl", "--encoder", "lsa", "-o", "out.html"),
    ],
)
def test_a_command_ends_with_its_output_and_says_what_to_do_next(trends, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    table(tmp_path, papers(60), "in.jsonl")
    code, out, err = trends(*command)
    assert (code, out) == (0, f"{command[-1]}\n"), err
    assert (tmp_path / command[-1]).is_file()
    assert err.splitlines()[-1].startswith("Next: ")
    assert "\r" not in err, "a bar was drawn although this is no terminal"


def test_health_is_in_columns_and_names_the_cure(trends, tmp_path):
    code, out, err = trends("health", table(tmp_path, papers(20)))
    lines = out.splitlines()
    place = lines[0].index("papers") + len("papers")
    assert code == 0
    assert all(line[place - 1].isdigit() and line[place] == " " for line in lines[1:])
    assert err.splitlines()[-1] == f"Next: trends report {tmp_path / 'papers.jsonl'}"
    _, _, err = trends("health", table(tmp_path, undated(papers(20)), "undated.jsonl"))
    assert "Next: 20 papers are undated: trends complete" in err


def test_python_m_trends_is_the_same_command():
    done = subprocess.run(
        [sys.executable, "-m", "trends", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("trends ")
