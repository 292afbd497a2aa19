"""This project's report of the study, and the charts that answer to the peers', each a page of its own."""

import sys
from pathlib import Path

import trends as tr
from trends.report import Report


def main() -> None:
    """Write the report and six pages of one chart."""
    study, out = tr.open(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    study.report(out / "report.html")
    charts = {
        "map": tr.plot.map(study.papers, study.topics),
        "terms": tr.plot.terms(study.topics),
        "similarity": tr.plot.similarity(study.topics),
        "hierarchy": tr.plot.hierarchy(study.topics),
        "shares": tr.plot.shares(study.trends),
        "growth": tr.plot.growth(study.trends),
    }
    for name, figure in charts.items():
        Report(study.title).add(name.capitalize(), figure).save(out / f"{name}.html")


main()
