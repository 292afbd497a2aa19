"""The health of a table of papers as a notebook shows it: small, escaped, fit for light and dark pages."""

import pandas as pd

from trends.core.escape import html_text

_STYLE = """
.trends-health{font:13px/1.45 system-ui,sans-serif;max-width:70em}
.trends-health table{border-collapse:collapse;margin:.4em 0}
.trends-health table th,.trends-health table td{padding:.15em 1em .15em 0;
text-align:left!important;vertical-align:top;
border-bottom:1px solid color-mix(in srgb,currentColor 15%,transparent)}
.trends-health table .n{text-align:right!important;font-variant-numeric:tabular-nums;white-space:nowrap}
.trends-health summary{cursor:pointer;margin-top:.5em}
.trends-health svg{display:block;margin:.4em 0;width:100%;height:4em}
""".replace("\n", "")
_PRECISIONS = ("dated to the day", "dated to the month", "dated to the year", "undated")
_SHOWN = 200


def page(
    summary: str, table: pd.DataFrame, periods: pd.DataFrame, files: pd.DataFrame, conflicts: pd.DataFrame
) -> str:
    """Return one block of HTML without scripts: the summary, papers over time, checks, files, conflicts."""
    checks = table[~table.index.str.startswith("file: ")]
    parts = [f"<style>{_STYLE}</style><div class='trends-health'><b>{html_text(summary)}</b>", _bars(periods)]
    parts.append(
        _rows(
            ("check", "papers", "share", ""),
            (
                (name, f"{row.n_papers:,}", "" if row.share != row.share else f"{row.share:.1%}", row.note)
                for name, row in zip(checks.index, checks.itertuples(index=False), strict=True)
            ),
        )
    )
    if len(files):
        listed = (
            (row.file, f"{row.n_read:,}", f"{row.n_rejected:,}", row.note or row.format)
            for row in files.head(_SHOWN).itertuples(index=False)
        )
        parts.append(
            _folded(
                f"{len(files)} file{'s' * (len(files) != 1)}", _rows(("file", "read", "rejected", ""), listed)
            )
        )
    if len(conflicts):
        listed = (
            (row.title, f"{len(row.paper_ids)}", "", f"{row.reason}: {', '.join(row.paper_ids)}")
            for row in conflicts.head(_SHOWN).itertuples(index=False)
        )
        parts.append(
            _folded(f"{len(conflicts)} titles of several papers", _rows(("title", "papers", "", ""), listed))
        )
    return "".join(parts) + "</div>"


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
        f"<svg viewBox='0 0 {len(periods)} 56' preserveAspectRatio='none' role='img' "
        f"aria-label='Papers per period from {periods.index[0]:%Y-%m} to {periods.index[-1]:%Y-%m}'>"
        + "".join(bars)
        + "</svg>"
    )


def _rows(names: tuple[str, ...], rows: object) -> str:
    head = "".join(
        f"<th{' class=n' if 0 < at < 3 else ''}>{html_text(name)}</th>" for at, name in enumerate(names)
    )
    body = "".join(
        f"<tr><td>{html_text(first)}</td><td class='n'>{html_text(number)}</td>"
        f"<td class='n'>{html_text(share)}</td><td>{html_text(note)}</td></tr>"
        for first, number, share, note in rows  # type: ignore[attr-defined]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _folded(name: str, body: str) -> str:
    return f"<details><summary>{html_text(name)}</summary>{body}</details>"
