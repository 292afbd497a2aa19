"""Does a study open under another Python, and after an upgrade?

    python -m benchmarks.versions [NAME...]

The embedded sample less its newest papers is made a study in this environment, and in one with the oldest
versions that pyproject.toml allows. Each is then opened under every other: Python 3.12 and 3.13 with this
project's own pins, the oldest and the newest versions allowed, each with the same torch. There the newest
papers are added, the topics are found anew, the study is saved and opened once more, and its report is
written. NAME keeps to some environments: here, python-3.12, python-3.13, oldest, newest.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.environments import RESULTS, ROOT, WORK, constraints, environment

KEPT_BACK = 12
"""Papers that are added after opening."""

OTHERS = ("3.12", "3.13")

MAKERS = ("here", "oldest")

PACKAGES = (
    "numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "numba", "umap-learn", "hdbscan", "bertopic",
    "sentence-transformers", "torch", "plotly", "safetensors",
)  # fmt: skip

MAKE = """
import sys, trends as tr
papers = tr.sample().sort_values("date", kind="stable")
study = tr.run(papers.iloc[:-KEPT_BACK], title="versions")
study.save(sys.argv[1] + "/study")
study.update(papers.iloc[-KEPT_BACK:]).topics.members.to_parquet(sys.argv[1] + "/members.parquet")
"""

OPEN = """
import json, shutil, sys, platform
import numpy as np, pandas as pd, trends as tr
from importlib.metadata import version
made, own, packages = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
told = json.load(open(made + "/study/study.json"))
found = {"python": platform.python_version(), "versions": {name: version(name) for name in packages}}
study = tr.open(made + "/study")
found["same fingerprint"] = study.fingerprint == told["fingerprint"]
def farthest(name):
    now, saved = getattr(study.trends, name), pd.read_parquet(made + f"/study/{name}.parquet")
    numbers = now.select_dtypes("number").columns
    rest = [column for column in now if column not in numbers]
    assert now[rest].astype(str).equals(saved[rest].astype(str)), name
    return float(np.nanmax(np.abs(now[numbers].to_numpy(float) - saved[numbers].to_numpy(float)), initial=0))
found["largest difference of shares and calls"] = max(farthest("shares"), farthest("calls"))
papers = tr.sample().sort_values("date", kind="stable")
later = study.update(papers.iloc[-KEPT_BACK:])
there = pd.read_parquet(made + "/members.parquet")["topic_id"]
here = later.topics.members["topic_id"].reindex(there.index)
found["later papers in the same topic"] = int((here == there)[papers.index[-KEPT_BACK:]].sum())
found["earlier papers in the same topic"] = bool((here == there).drop(papers.index[-KEPT_BACK:]).all())
refitted = later.refit()
diff = refitted.diff(study)
found["versions told in the diff"] = int(diff.parameters["name"].str.startswith("version of").sum())
refitted.save(own + "/study")
found["same after saving"] = tr.open(own + "/study").fingerprint == refitted.fingerprint
found["report, bytes"] = refitted.report(own + "/report.html", compare=made + "/study").stat().st_size
print(json.dumps(found))
"""


def requirements() -> tuple[str, ...]:
    """Give what pyproject.toml asks for."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(stated["project"]["dependencies"])


def interpreter(number: str) -> str | None:
    """Find a Python by its minor version: where pyenv keeps them, or on the path."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{number}.*/bin/python"))
    # What lies on the path may be a shim of pyenv that starts nothing.
    return str(kept[-1]) if kept else shutil.which(f"python{number}")


def prepared(name: str, source: Path) -> Path | str:
    """Make one of the environments with this project in it; give its Python, or why there is none."""
    if name == "here":
        return Path(sys.executable)
    torch = constraints(("torch",))
    names = tuple(requirement.split(">=")[0] for requirement in requirements())
    if name == "oldest":
        python = environment("oldest", (*(r.replace(">=", "==") for r in requirements()), *torch))
    elif name == "newest":
        python = environment("newest", (*requirements(), *torch))
    else:
        found = interpreter(name.removeprefix("python-"))
        if found is None:
            return "skipped: this Python is not on the machine"
        pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().splitlines()
        every = tuple(pin.split("==")[0] for pin in pins)
        python = environment(name, (*names, *torch), pinned=every, interpreter=found)
    if isinstance(python, str):
        return f"not installed: {python}"
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall"]
    subprocess.run([python, "-m", "pip", "install", *options, str(source)], check=True)
    return python


def run(python: Path, code: str, *arguments: str) -> str | dict[str, Any]:
    """Run code in an environment, away from this folder; give what it says, or its last line of error."""
    code = code.replace("KEPT_BACK", str(KEPT_BACK))
    path = str(ROOT) if python == Path(sys.executable) else ""
    with tempfile.TemporaryDirectory(dir=WORK) as cache:
        done = subprocess.run(
            [str(python), "-c", code, *arguments],
            env={**os.environ, "TRENDS_CACHE": cache, "PYTHONPATH": path},
            cwd=cache,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1][:300]
    return json.loads(done.stdout) if done.stdout.strip() else {}


def copied(folder: Path) -> Path:
    """Copy what a wheel is made of, since building leaves files beside it."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "trends", folder / "trends", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def main() -> None:
    """Make the studies, open each everywhere, print a line for each and keep it."""
    wanted = sys.argv[1:] or ["here", "oldest", "newest", *(f"python-{number}" for number in OTHERS)]
    results = RESULTS / "versions.json"
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        base = Path(folder)
        (base / "source").mkdir()
        source = copied(base / "source")
        made = {name: study_made(name, source, base / name) for name in MAKERS}
        for opener in wanted:
            python = prepared(opener, source)
            for maker, failed in made.items():
                place = base / f"{maker}-{opener}"
                place.mkdir()
                arguments = str(base / maker), str(place), json.dumps(PACKAGES)
                outcome = failed or (python if isinstance(python, str) else run(python, OPEN, *arguments))
                print(f"made {maker}, opened {opener}: {told(outcome)}", flush=True)
                # Written as they come: an installation takes minutes, and a later one may fail.
                found = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
                found[f"made {maker}, opened {opener}"] = outcome
                results.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def study_made(name: str, source: Path, folder: Path) -> str:
    """Make the study in one of the environments; say why it could not be made, or ""."""
    folder.mkdir()
    python = prepared(name, source)
    if isinstance(python, str):
        return python
    failed = run(python, MAKE, str(folder))
    return f"the study could not be made: {failed}" if isinstance(failed, str) else ""


def told(outcome: Any) -> str:
    """Say an outcome in a line."""
    if isinstance(outcome, str):
        return outcome
    said = {name: value for name, value in outcome.items() if name not in ("versions", "python")}
    return "; ".join(f"{name} {value}" for name, value in said.items())


if __name__ == "__main__":
    main()
