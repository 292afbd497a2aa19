"""An environment for each tool, its pages of a corpus, and the scripts that these pages ask for."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.environments import ROOT, WORK, environment
from benchmarks.peers.environments import OFFLINE, PINNED

CHARTS = WORK / "charts"
TOOLS = ("bertopic", "datamapplot", "bertrend", "trends")
BERTREND = "bertrend==0.4.23"
ALONE = (BERTREND, "loguru", "python-dotenv", "nltk")
"""BERTrend's package and what its two drawing functions import, without its other 60 requirements."""
SCRIPTS = ("deck.gl@9.1", "apache-arrow", "d3", "font-awesome@4.6.3", "bootstrap@3.2.0")
"""What DataMapPlot's pages load from unpkg.com and bootstrapcdn.com."""


def bertopic_python() -> Path | str:
    """Give the Python with BERTopic, on this project's pandas and plotly, which pip would take today."""
    return environment("bertopic-charts", ("bertopic==0.17.4",), (*PINNED, "plotly"))


def datamapplot_python() -> Path | str:
    """Give the Python with DataMapPlot; it needs a pandas before 3."""
    pinned = tuple(name for name in PINNED if name != "pandas")
    return environment("datamapplot", ("datamapplot==0.7.3",), pinned)


def bertrend_alone() -> Path:
    """Unpack BERTrend beside BERTopic's environment, whatever Python it asks for."""
    folder = WORK / "bertrend-alone"
    if not (folder / "bertrend").is_dir():
        command = ["-m", "pip", "install", "--quiet", "--no-deps", "--ignore-requires-python", "--target"]
        subprocess.run([sys.executable, *command, str(folder), *ALONE], check=True)
    return folder


def bertrend_refusal() -> str:
    """Say why pip does not install BERTrend as a whole, or nothing if it does."""
    told = environment("bertrend", (BERTREND,), PINNED)
    return told if isinstance(told, str) else ""


def make(tool: str, corpus: str) -> dict[str, Any]:
    """Let a tool draw a corpus; give its version and its failures, or why it did not run."""
    folder = CHARTS / corpus / tool
    shutil.rmtree(folder, ignore_errors=True)
    makers = {"datamapplot": datamapplot_python, "trends": lambda: Path(sys.executable)}
    python = makers.get(tool, bertopic_python)()
    if not isinstance(python, Path):
        return {"failed": {"all": f"could not be installed: {python}"}}
    variables = os.environ | OFFLINE
    if tool == "bertrend":
        paths = os.pathsep.join((str(ROOT), str(bertrend_alone())))
        variables |= {"PYTHONPATH": paths, "BERTREND_BASE_DIR": str(CHARTS / "bertrend-home")}
    source = CHARTS / corpus / ("study" if tool == "trends" else "given")
    command = [str(python), "-m", f"benchmarks.charts.adapters.{tool}", str(source), str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    if done.returncode:
        return {"failed": {"all": (done.stderr.strip().splitlines() or ["no word"])[-1][:200]}}
    made = folder / "made.json"
    return json.loads(made.read_text(encoding="utf-8")) if made.exists() else {"failed": {}}


def scripts() -> Path | None:
    """Give a folder with the packages behind DataMapPlot's scripts, fetched by npm once; None without npm."""
    folder = WORK / "charts-scripts"
    if not (folder / "fetched").exists():
        if not shutil.which("npm"):
            return None
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", *SCRIPTS], cwd=folder, check=True, capture_output=True)
        (folder / "fetched").write_text("", encoding="utf-8")
    return folder
