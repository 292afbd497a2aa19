"""The findings as they are told on a slide: shorter than in the report, with n and interval all the same."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pandas as pd

from trends.core.escape import clean_text
from trends.core.records import Trends
from trends.report import Finding
from trends.report._wording import count, papers_word, span

RISING, FALLING = ("emerging", "growing"), ("declining",)


def headline(trends: Trends) -> str:
    """Say how many topics rise, fall, are steady, and cannot be judged."""
    status = trends.calls["status"].astype(str)
    n = len(status)
    if not n:
        return "No topic was found"
    rising, falling = int(status.isin(RISING).sum()), int(status.isin(FALLING).sum())
    steady, few = int(status.eq("steady").sum()), int(status.eq("too few to say").sum())
    if not rising + falling + steady:
        return f"No topic is called growing or declining: all {n} have too few papers or periods to say"
    steadily = f", {steady} steady" if steady else ""
    undecided = f"; {few} cannot be judged yet" if few else ""
    return f"{rising} of {n} topics rise and {falling} fall{steadily}{undecided}"


def short(finding: Finding) -> tuple[str, str]:
    """Return a finding's emphasised beginning and the rest, without what the notes and the report add."""
    strong = "".join(part for part, bold in finding.parts if bold)
    rest = "".join(part for part, bold in finding.parts if not bold)
    if finding.kind == "step":
        numbers = finding.numbers
        # The rest is made of our own words and names of periods: a label is in the first part.
        rest = rest.partition("; ")[0].partition(". Chance can")[0].partition(". Not called")[0]
        if not numbers["clear"]:
            rest += f"; chance can do this (p {numbers['adjusted']:.2f} over all looked at)"
        rest += ". Not called a trend."
    return strong, rest


def source_line(
    papers: pd.DataFrame, trends: Trends, files: Sequence[Mapping[str, Any]], fingerprint: str
) -> str:
    """Name files, papers, span, version and fingerprint in one line."""
    names = sorted({base_name(str(entry.get("file", ""))) for entry in files if entry.get("n_read")} - {""})
    named = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    periods = sorted(trends.shares.loc[trends.shares["n_total"] > 0, "period"].unique())
    when = f", {span(pd.Timestamp(periods[0]), pd.Timestamp(periods[-1]), trends.every)}" if periods else ""
    left_out = int(trends.left_out.to_numpy().sum())
    without = f" ({count(left_out)} without a usable date)" if left_out else ""
    return clean_text(
        f"Source: {named + '; ' if named else ''}{papers_word(len(papers))}{without}{when}; "
        f"trends {version('trends')}; fingerprint {fingerprint[:12]}"
    )


def base_name(name: str) -> str:
    """Cut folders from a file name: user paths stay private."""
    return clean_text(PureWindowsPath(PurePosixPath(name).name).name or name)
