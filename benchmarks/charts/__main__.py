"""Draw two corpora with every tool and measure the pages in Chromium.

    python -m benchmarks.charts [--pictures] [--again]

Environments, studies and pages are kept in TRENDS_BENCH, else the folder of temporary files; the first time
takes half an hour and 2.5 GB. `--again` draws pages anew; `--pictures` renews the pictures of
docs/side-by-side.md instead of measuring.
"""

import argparse
import json
import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.charts import browser, tables, tools
from benchmarks.charts.given import CORPORA, hand_over, study_of
from benchmarks.charts.pictures import photograph_all
from benchmarks.environments import RESULTS

OUT = RESULTS / "charts.json"


def main() -> None:
    """Draw, measure, write the results and print the tables."""
    read = argparse.ArgumentParser(description="Charts beside the peers'.")
    read.add_argument("--pictures", action="store_true")
    read.add_argument("--again", action="store_true")
    options = read.parse_args()
    found: dict[str, Any] = {"corpora": {}, "versions": {}, "failed": {}}
    if refusal := tools.bertrend_refusal():
        found["failed"]["bertrend, whole"] = refusal
    scripts = tools.scripts()
    with browser.chromium() as running:
        for corpus in CORPORA:
            drawn(corpus, options.again, found)
            study = study_of(corpus, tools.CHARTS / corpus / "study")
            if options.pictures:
                continue
            found["corpora"][corpus] = {
                "papers": len(study.papers),
                "topics": len(study.topics.table),
                "unassigned": study.topics.n_unassigned,
                "every": study.counts.every,
                "pages": browser.measure(running, pages(corpus, scripts)),
            }
        if options.pictures:
            photograph_all(running, scripts)
            return
        found["made"] = {
            "date": date.today().isoformat(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "chromium": running.version,
        }
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print("\n".join(tables.lines(found)))


def drawn(corpus: str, again: bool, found: dict[str, Any]) -> None:
    """Let every tool draw a corpus that it has not drawn yet, and note versions and failures."""
    folder = tools.CHARTS / corpus
    study = study_of(corpus, folder / "study")
    hand_over(study, folder / "given")
    for tool in tools.TOOLS:
        kept = folder / f"{tool}.json"
        if again or not kept.exists():
            kept.write_text(json.dumps(tools.make(tool, corpus)), encoding="utf-8")
        made = json.loads(kept.read_text(encoding="utf-8"))
        found["versions"] |= {tool: made["version"]} if "version" in made else {}
        found["versions"] |= {"plotly": made["plotly"]} if "plotly" in made else {}
        found["failed"] |= {f"{corpus}, {tool}/{name}": why for name, why in made["failed"].items()}
    found["versions"]["trends"] = version("trends")


def pages(corpus: str, scripts: Path | None) -> dict[str, tuple[Path, Path | None]]:
    """Name the pages of a corpus; those that ask the network for scripts come twice."""
    named: dict[str, tuple[Path, Path | None]] = {}
    for path in sorted((tools.CHARTS / corpus).glob("*/*.html")):
        name = f"{path.parent.name}/{path.stem}"
        named[name] = (path, None)
        if path.parent.name == "datamapplot" and scripts:
            named[name + tables.HELD] = (path, scripts)
    return named


if __name__ == "__main__":
    main()
