"""The layers of imports hold, and a planted offence is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder):
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": str(LINT.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "trends", folder / "trends", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_contracts_are_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("room", "offence"),
    [
        ("timeline/_count.py", "from trends.topics import cluster"),
        ("plot/_shares.py", "def _sneak():\n    import bertopic"),
        ("topics/_layout.py", "import torch"),
        ("labels/_choose.py", "import trends"),
        ("core/words.py", "from trends.papers import load"),
        ("timeline/_steps.py", "import plotly"),
    ],
)
def test_a_planted_offence_is_caught(copied, room, offence):
    file = copied / "trends" / room
    before = file.read_text(encoding="utf-8")
    file.write_text(before + f"\n\n{offence}\n", encoding="utf-8")
    try:
        done = lint(copied)
        assert done.returncode == 1, done.stdout
        assert "BROKEN" in done.stdout
    finally:
        file.write_text(before, encoding="utf-8")


def test_a_new_module_must_be_given_its_floor(copied):
    file = copied / "trends" / "utils.py"
    file.write_text('"""Everything."""\n', encoding="utf-8")
    try:
        assert lint(copied).returncode == 1
    finally:
        file.unlink()


def test_only_one_file_knows_bertopic():
    knowing = {
        path.name
        for path in (ROOT / "trends").rglob("*.py")
        if any(
            line.strip().startswith(("import bertopic", "from bertopic"))
            for line in path.read_text(encoding="utf-8").splitlines()
        )
    }
    assert knowing == {"_bertopic.py"}
