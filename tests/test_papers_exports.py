"""Every real export file: what is present in it, what was read and what was refused, as `exports.csv` has it.

The table is written anew by `python -m tests.test_papers_exports`; a change of it is looked at before it is
committed. What is present is counted here a second time, by means that share nothing with the readers.
"""

import csv
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from trends.papers import load

TABLE = Path(__file__).with_name("exports.csv")
COLUMNS = (
    "file format n_present n_read n_rejected n_papers day month year unknown with_abstract with_authors "
    "with_tags reasons"
).split()
OTHER = pd.DataFrame({"title": ["A paper of our own beside the others"]})


def files(folder: Path) -> list[Path]:
    return sorted(
        path for path in (folder / "exports").rglob("*") if path.is_file() and path.name != "LICENSE"
    )


def line(path: Path) -> dict[str, object]:
    """Return what `load` makes of one file."""
    name = f"{path.parent.name}/{path.name}"
    # With a paper of our own beside it, a file without papers has its line in the log like any other.
    papers = load(path, OTHER)
    (log,) = (entry for entry in papers.attrs["reading"] if entry["file"] != "DataFrame")
    papers = papers[papers["title"] != OTHER["title"].iloc[0]]
    precisions = papers["date_precision"].value_counts()
    return {
        "file": name,
        "format": log["format"],
        **{count: log[count] for count in ("n_present", "n_read", "n_rejected")},
        "n_papers": len(papers),
        **{precision: int(precisions[precision]) for precision in ("day", "month", "year", "unknown")},
        "with_abstract": int((papers["abstract"] != "").sum()),
        "with_authors": int(papers["authors"].map(len).gt(0).sum()),
        "with_tags": int(papers["tag_sources"].map(lambda origins: "source" in origins).sum()),
        "reasons": "; ".join(
            [log["note"]] * bool(log["note"])
            + [f"{refused['where']}: {refused['reason']}" for refused in log["rejected"]]
        ),
    }


def present(path: Path) -> int:
    """Count a file's entries by looking for what begins one."""
    text = path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    ending = path.name.rpartition(".")[2]
    if ending in ("bib", "biblatex"):
        return len(
            re.findall(r"^\s*@(?!comment|string|preamble)[a-z]+\s*[{(]", text, re.MULTILINE | re.IGNORECASE)
        )
    if ending == "ris":
        return len(re.findall(r"^TY\s{0,2}- ?", text, re.MULTILINE))
    if ending == "txt":
        return len(re.findall(r"^(?:PT [A-Z]$|PMID- |TY  - )", text, re.MULTILINE))
    if ending == "xml":
        return len(re.findall(r"<(?:entry|PubmedArticle|PubmedBookArticle)>", text))
    if ending in ("csv", "tsv"):
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, row))]
        return len(rows) - 1
    return len(items(json.loads(text)))


def items(value: object) -> list[object]:
    """Return the longest lists of objects at any depth not inside another such list."""
    if isinstance(value, list):
        inner = [items(member) for member in value if isinstance(member, dict) and not is_item(member)]
        return [each for found in inner for each in found] or [m for m in value if isinstance(m, dict)]
    if isinstance(value, dict):
        if is_item(value):
            return [value]
        found = [items(member) for member in value.values() if isinstance(member, list | dict)]
        return max(found, key=len, default=[])
    return []


def is_item(value: dict[str, object]) -> bool:
    return bool({"title", "dc:title", "display_name", "itemType", "DOI", "issued", "itemID"} & set(value))


@pytest.mark.data
def test_every_entry_of_every_export_is_read_or_reported(shared_data):
    expected = pd.read_csv(TABLE, keep_default_na=False)
    found = pd.DataFrame([line(path) for path in files(shared_data)], columns=COLUMNS).fillna("")
    assert found["file"].tolist() == expected["file"].tolist()
    assert len(expected) == 56
    assert (expected["n_present"] == expected["n_read"] + expected["n_rejected"]).all()
    assert (expected["n_papers"] == expected[["day", "month", "year", "unknown"]].sum(axis=1)).all()
    for row, known in zip(found.to_dict("records"), expected.to_dict("records"), strict=True):
        assert row == known


@pytest.mark.data
def test_what_is_present_is_counted_alike_by_other_means(shared_data):
    expected = pd.read_csv(TABLE, keep_default_na=False).set_index("file")
    differ = {}
    for path in files(shared_data):
        row = expected.loc[f"{path.parent.name}/{path.name}"]
        if row["n_present"] and present(path) != row["n_present"]:
            differ[path.name] = (present(path), int(row["n_present"]))
    assert differ == {}


if __name__ == "__main__":
    import os

    data = Path(os.environ.get("TRENDS_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    pd.DataFrame([line(path) for path in files(data)], columns=COLUMNS).to_csv(TABLE, index=False)
