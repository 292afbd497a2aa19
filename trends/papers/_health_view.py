"""The health of a table of papers as a notebook shows it: small, escaped, fit for light and dark pages."""

import pandas as pd

from trends.core import display

_SHOWN = 200


def page(
    summary: str, table: pd.DataFrame, periods: pd.DataFrame, files: pd.DataFrame, conflicts: pd.DataFrame
) -> str:
    """Return one block of HTML without scripts: the summary, papers over time, checks, files, conflicts."""
    checks = table[~table.index.str.startswith("file: ")]
    parts = [
        _bars(periods),
        display.table(
            ("check", "papers", "share", ""),
            (
                (name, f"{row.n_papers:,}", "" if row.share != row.share else f"{row.share:.1%}", row.note)
                for name, row in zip(checks.index, checks.itertuples(index=False), strict=True)
            ),
            numeric=(1, 2),
        ),
    ]
    if len(files):
        listed = (
            (row.file, f"{row.n_read:,}", f"{row.n_rejected:,}", row.note or row.format)
            for row in files.head(_SHOWN).itertuples(index=False)
        )
        shown = display.table(("file", "read", "rejected", ""), listed, numeric=(1, 2))
        parts.append(display.folded(f"{len(files)} file{'s' * (len(files) != 1)}", shown))
    if len(conflicts):
        kept = (
            (row.title, f"{len(row.paper_ids)}", f"{row.reason}: {', '.join(row.paper_ids)}")
            for row in conflicts.head(_SHOWN).itertuples(index=False)
        )
        shown = display.table(("title", "papers", ""), kept, numeric=(1,))
        parts.append(display.folded(f"{len(conflicts)} titles of several papers", shown))
    return display.block(summary, *parts)


def _bars(periods: pd.DataFrame) -> str:
    """Draw papers per period, spikes and gaps marked."""
    if len(periods) < 2:
        return ""
    most = max(1, int(periods["n_papers"].max()))
    bars = []
    for at, (period, row) in enumerate(periods.iterrows()):
        height = 56 * int(row["n_papers"]) / most
        colour = "#c2410c" if row["spike"] or row["gap"] else "#2563eb"
        y, height = (52, 4) if row["gap"] else (56 - height, height)
        note = ", a gap" if row["gap"] else ", stands out" if row["spike"] else ""
        bars.append(
            f"<rect x='{at}' y='{y:.1f}' width='.8' height='{height:.1f}' fill='{colour}'>"
            f"<title>{period:%Y-%m}: {int(row['n_papers']):,} papers{note}</title></rect>"
        )
    return (
        "<svg style='display:block;margin:.4em 0;width:100%;height:4em' "
        f"viewBox='0 0 {len(periods)} 56' preserveAspectRatio='none' role='img' "
        f"aria-label='Papers per period from {periods.index[0]:%Y-%m} to {periods.index[-1]:%Y-%m}'>"
        + "".join(bars)
        + "</svg>"
    )
