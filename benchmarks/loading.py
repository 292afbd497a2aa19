"""How fast, in how much memory and how completely are papers loaded, beside what people use for it today?

    python -m benchmarks.loading [conference] [peers] [snapshot]

Each run is a process of its own, and runs to be compared take turns, so that what else the machine does is
shared by all. Peers are installed from the package index, each into an environment of its own in the cache
folder ($TRENDS_BENCH, else a folder for temporary files). The real corpora are read from $TRENDS_DATA, else
../shared/data; parts that need them are left out where they are absent. The snapshot takes 3.4 GB of disk.
"""

import csv
import gzip
import json
import os
import random
import re
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.environments import DATA, ROOT, WORK, environment

RESULTS = Path(__file__).with_name("results") / "loading.json"
CONFERENCE = DATA / "conference" / "paperlists_abs.jsonl.gz"

REPETITIONS = 3
N_EXPORTED = 10_000
SNAPSHOTS = (100_000, 1_000_000)
MOST_MEMORY = 14 * 1024**3

# --- what is run: each snippet leaves the `papers` it loaded as (title, abstract, date) ----------------

RUN = """
import contextlib, json, os, resource, sys, time
PATH, TRUTH, LIMIT = sys.argv[1], sys.argv[2], int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
with contextlib.redirect_stdout(sys.stderr):
    exec(os.environ["IMPORTS"])
    before, began, worked = peak(), time.perf_counter(), time.process_time()
    exec(os.environ["LOADS"])
    found = {"seconds": time.perf_counter() - began, "processor seconds": time.process_time() - worked,
             "peak memory": peak(), "memory before": before}
    exec(os.environ["TELLS"])
def plain(text):
    return "".join(filter(str.isalnum, str(text).casefold()))
if papers is not None:
    found["papers"] = len(papers)
    found["with a title"] = sum(bool(title) for title, _, _ in papers)
    found["with a date"] = sum(bool(known) for _, _, known in papers)
    found["with an abstract"] = sum(bool(abstract) for _, abstract, _ in papers)
    if TRUTH:
        truth = json.load(open(TRUTH, encoding="utf-8"))
        found["title and abstract whole"] = len(
            {title for text, abstract, _ in papers if truth.get(title := plain(text)) == plain(abstract)})
print(json.dumps(found))
"""

LOAD = {
    "imports": "import pandas, pyarrow, trends.papers",
    "loads": "read = trends.papers.load(PATH)",
    "tells": """
papers = list(zip(read["title"], read["abstract"], read["date"].notna()))
found["entries accounted for"] = sum(line["n_present"] for line in read.attrs["reading"])
found["entries refused"] = sum(line["n_rejected"] for line in read.attrs["reading"])
""",
}
PANDAS = {
    "imports": "import pandas",
    "loads": """
read = pandas.read_json(PATH, lines=True)
key = read["title"].str.lower().str.replace(r"[^a-z0-9]+", "", regex=True)
read = read[~key.duplicated()]
""",
    "tells": 'papers = list(zip(read["title"], read["abstract"], read["date"].notna()))',
}
PYBIBX = {
    "imports": "from pybibx.base import pbx_probe",
    "loads": 'read = pbx_probe(file_bib=PATH, db="scopus", del_duplicated=True).data',
    "tells": """
given = read[["title", "abstract", "year"]].replace({"UNKNOWN": "", "0": ""}).fillna("")
papers = list(given.itertuples(index=False, name=None))
""",
}


def litstudy(function: str, then: str = "") -> dict[str, str]:
    """Give the snippets that load with a function of litstudy, which leaves what occurs twice as it is."""
    return {
        "imports": "import litstudy",
        "loads": f"read = litstudy.{function}(PATH){then}",
        "tells": "papers = [(d.title or '', d.abstract or '', d.publication_year) for d in read.docs]",
    }


PEERS = {
    "pybibx": ("pybibx==5.9.5",),
    # As released it asks for any bibtexparser and works only with the first.
    "litstudy": ("litstudy==1.0.6", "bibtexparser<2"),
}


def main() -> dict:
    """Measure what is asked for (everything by default), print it and return it."""
    asked = sys.argv[1:] or ["conference", "peers", "snapshot"]
    parts: dict[str, Callable[[], dict]] = {"conference": conference, "peers": peers, "snapshot": snapshot}
    found = {}
    WORK.mkdir(parents=True, exist_ok=True)
    for part in asked:
        if part != "snapshot" and not CONFERENCE.is_file():
            print(f"{part}: left out, {CONFERENCE.name} is not here; set TRENDS_DATA")
            continue
        found[part] = parts[part]()
        show(part, found[part])
        known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        RESULTS.write_text(json.dumps(known | found, indent=1) + "\n", encoding="utf-8")
    return found


# --- the parts ------------------------------------------------------------------------------------------


def conference() -> dict:
    """Load 91,906 papers, beside pandas and titles compared by letters: what a notebook does."""
    runs: dict[str, list[dict]] = {"load": [], "pandas": []}
    for _ in range(REPETITIONS):
        runs["load"].append(run(LOAD, CONFERENCE))
        runs["pandas"].append(run(PANDAS, CONFERENCE))
    return {"entries": present(CONFERENCE)} | compared(runs)


def peers() -> dict:
    """Load 10,000 papers from three kinds of export, and real exports with faults, beside two peers."""
    python = {name: environment(name, PEERS[name]) for name in PEERS}
    missing = {name: reason for name, reason in python.items() if not isinstance(reason, Path)}
    folder = WORK / "exports"
    aside(f"exports({str(folder)!r})")
    tools = {
        "papers.bib": {"load": LOAD, "pybibx": PYBIBX, "litstudy": litstudy("load_bibtex")},
        "papers.ris": {"load": LOAD, "litstudy": litstudy("load_ris_file")},
        "scopus.csv": {"load": LOAD, "pybibx": PYBIBX, "litstudy": litstudy("load_scopus_csv")},
        # Its own merging compares every paper with every other, so it is measured on a tenth.
        "papers_1000.ris": {"load": LOAD, "litstudy": litstudy("load_ris_file", ".unique()")},
    }
    found: dict = {"could not be installed": missing} if missing else {}
    for file, loaders in tools.items():
        runs: dict[str, list[dict]] = {tool: [] for tool in loaders if tool not in missing}
        for _ in range(REPETITIONS):
            for tool, made in runs.items():
                made.append(run(loaders[tool], folder / file, python.get(tool), truth=folder / "truth.json"))
        found[file] = {"entries": present(folder / file)} | compared(runs)
    found["real exports"] = real_exports(
        {tool: known for tool, known in python.items() if tool not in missing}
    )
    return found


def real_exports(python: dict) -> dict:
    """Load the real exports that a peer has a reader for: entries that come out, of those that are there."""
    readers = {".bib": "load_bibtex", ".biblatex": "load_bibtex", ".ris": "load_ris_file", ".csv": "load_csv"}
    of_litstudy = {"scopus": "load_scopus_csv", "ieee": "load_ieee_csv", "springer": "load_springer_csv"}
    table = {}
    for path in sorted((DATA / "exports").glob("*/*")):
        if path.suffix not in readers:
            continue
        maker = next((word for word in of_litstudy if path.stem.startswith(word)), "")
        function = of_litstudy[maker] if path.suffix == ".csv" and maker else readers[path.suffix]
        tools = {"load": LOAD, "litstudy": litstudy(function)}
        # pyBibX reads BibTeX and the CSV of Scopus.
        if path.suffix in (".bib", ".biblatex") or path.name == "scopus.csv":
            tools["pybibx"] = PYBIBX
        row: dict = {"entries": present(path)}
        for tool, snippets in tools.items():
            if tool == "load" or tool in python:
                made = run(snippets, path, python.get(tool))
                row[tool] = made.get("error") or {
                    key: made[key]
                    for key in ("entries accounted for", "entries refused", "papers", "with a title")
                    if key in made
                }
        table[f"{path.parent.name}/{path.name}"] = row
    return table


def snapshot() -> dict:
    """Load snapshots of arXiv's layout: what is not asked for must cost no memory; then load everything."""
    found: dict = {}
    some = LOAD | {"loads": 'read = trends.papers.load(PATH, since="2024", tagged="cs.LG")'}
    few = LOAD | {"loads": 'read = trends.papers.load(PATH, since="2024", tagged="q-fin.TR")'}
    for size in SNAPSHOTS:
        path = WORK / f"snapshot_{size}.jsonl"
        aside(f"snapshot_file({str(path)!r}, {size})")
        made = {"file, MB": round(path.stat().st_size / 1e6)}
        tasks = {"since 2024, cs.LG": some, "since 2024, q-fin.TR": few, "everything": LOAD}
        for what, snippets in tasks.items():
            done = run(snippets, path, limit=MOST_MEMORY)
            if "error" not in done:
                done = figures([done]) | {
                    "entries a second": round(size / done["seconds"]),
                    "peak memory / file": round(done["peak memory"] / path.stat().st_size, 2),
                }
            made[what] = done
            show(f"{size} {what}", done)
        found[f"{size:,} entries"] = made
        path.unlink()
    return found


# --- processes ------------------------------------------------------------------------------------------


def run(
    snippets: dict[str, str],
    path: Path,
    python: Path | None = None,
    *,
    truth: Path | None = None,
    limit: int = MOST_MEMORY,
) -> dict:
    """Load a file in a process of its own; give its seconds, bytes of memory and what came out."""
    parts = {name.upper(): textwrap.dedent(code) for name, code in snippets.items()}
    began = time.perf_counter()
    done = subprocess.run(
        [str(python or sys.executable), "-c", RUN, str(path), str(truth or ""), str(limit)],
        cwd=ROOT if python is None else WORK,
        env=os.environ | parts,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        told = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        # The kind and the beginning: what follows may quote the file.
        return {"error": ": ".join(told[-1].split(": ")[:2])[:120]}
    return json.loads(done.stdout.splitlines()[-1]) | {"whole process": time.perf_counter() - began}


def aside(call: str) -> None:
    """Make files in a process of its own: a child's peak memory begins with that of its parent."""
    subprocess.run([sys.executable, "-c", f"from benchmarks.loading import *; {call}"], cwd=ROOT, check=True)


# --- figures --------------------------------------------------------------------------------------------


def figures(runs: list[dict]) -> dict:
    """Give the middle of several runs' costs, and what came out, which is the same in all."""
    if any("error" in made for made in runs):
        return {"error": next(made["error"] for made in runs if "error" in made)}
    costs = ("seconds", "processor seconds", "whole process")
    middle = {cost: round(statistics.median(made[cost] for made in runs), 2) for cost in costs}
    mib = {
        f"{what}, MiB": round(statistics.median(made[what] for made in runs) / 1024**2)
        for what in ("peak memory", "memory before")
    }
    outcome = {
        key: value for key, value in runs[0].items() if key not in (*costs, "peak memory", "memory before")
    }
    return middle | mib | outcome


def compared(runs: dict[str, list[dict]]) -> dict:
    """Give each tool's figures, and how many times as much as `load` each other tool takes, run by run."""
    found: dict = {tool: figures(made) for tool, made in runs.items()}
    for tool, made in runs.items():
        if tool == "load" or "error" in found[tool]:
            continue
        found[f"{tool} / load"] = {
            what: spread([other[what] / own[what] for own, other in zip(runs["load"], made, strict=True)])
            for what in ("seconds", "processor seconds", "peak memory")
        }
    return found


def spread(ratios: list[float]) -> dict:
    return {
        name: round(of(ratios), 2) for name, of in (("min", min), ("median", statistics.median), ("max", max))
    }


def show(what: str, found: dict, depth: int = 0) -> None:
    print(f"{'  ' * depth}{what}")
    for key, value in found.items():
        if isinstance(value, dict):
            show(key, value, depth + 1)
        else:
            print(f"{'  ' * (depth + 1)}{key:<40} {value}")


def present(path: Path) -> int:
    """Count the entries of a file by where they start, with no reader of ours."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", errors="replace", newline="") as stream:
        text = stream.read()
    if ".jsonl" in path.name:
        return sum(bool(line.strip()) for line in text.splitlines())
    if path.suffix in (".bib", ".biblatex"):
        kinds = re.findall(r"^[ \t]*@[ \t]*(\w+)[ \t]*[{(]", text, re.M)
        return sum(kind.lower() not in ("comment", "string", "preamble") for kind in kinds)
    if path.suffix == ".ris":
        return len(re.findall(r"^\ufeff?TY  ?-", text, re.M))
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    csv.field_size_limit(10**9)
    rows = csv.reader(text.lstrip("\ufeff").splitlines(keepends=True), delimiter=delimiter)
    return sum(any(cell.strip() for cell in row) for row in rows) - 1


# --- files made for the measurements --------------------------------------------------------------------


MARKED = re.compile(r"[{}\\<>&\"%#~^\u00ad]|\(cid:")


def exports(folder: str) -> None:
    """Write 10,000 papers of the conferences as BibTeX, RIS and CSV in Scopus's layout, and their texts.

    Only papers whose texts hold no mark-up and no remains of a PDF are taken, so that nothing depends on
    how a file escapes or a reader cleans them, and one paper of each title, so that 10,000 is what ought to
    come out.
    """
    seen: dict[str, dict] = {}
    with gzip.open(CONFERENCE, "rt", encoding="utf-8") as lines:
        for line in lines:
            paper = json.loads(line)
            title, abstract = (" ".join((paper[key] or "").split()) for key in ("title", "abstract"))
            if title.isascii() and abstract and not MARKED.search(title + abstract):
                paper |= {"title": title, "abstract": abstract}
                seen.setdefault(plain(title), paper)
    random.seed(0)
    papers = random.sample(sorted(seen.items()), N_EXPORTED)
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    truth = {title: plain(paper["abstract"]) for title, paper in papers}
    (out / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    (out / "papers.bib").write_text(
        "".join(bibtex(number, paper) for number, (_, paper) in enumerate(papers)), encoding="utf-8"
    )
    for name, some in {"papers.ris": papers, "papers_1000.ris": papers[:1000]}.items():
        (out / name).write_text("".join(ris(paper) for _, paper in some), encoding="utf-8")
    with (out / "scopus.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream, quoting=csv.QUOTE_ALL)
        rows.writerow(
            ["Authors", "Title", "Year", "Source title", "Cited by", "DOI", "Link", "Abstract"]
            + ["Author Keywords", "Index Keywords", "Language of Original Document", "Document Type"]
            + ["Source", "EID"]
        )
        for number, (_, paper) in enumerate(papers):
            keywords = "; ".join(paper["tags"] or [])
            rows.writerow(
                ["; ".join(paper["authors"] or []), paper["title"], paper["year"], paper["venue"], "0", ""]
                + [paper["url"] or "", paper["abstract"], keywords, "", "English", "Conference paper"]
                + ["Scopus", f"2-s2.0-{number:011d}"]
            )


def plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def bibtex(number: int, paper: dict) -> str:
    """Give an entry as Scopus writes it."""
    fields = {
        "author": " and ".join(paper["authors"] or []),
        "title": paper["title"],
        "year": paper["year"],
        "journal": paper["venue"],
        "url": paper["url"] or "",
        "abstract": paper["abstract"],
        "author_keywords": "; ".join(paper["tags"] or []),
        "type": "Conference paper",
        "source": "Scopus",
        "note": "Cited by: 0",
    }
    lines = ",\n".join(f"\t{name} = {{{value}}}" for name, value in fields.items() if value != "")
    return f"@CONFERENCE{{paper{number},\n{lines}\n}}\n\n"


def ris(paper: dict) -> str:
    """Give an entry as Scopus writes it."""
    pairs = [("TY", "CONF"), ("TI", paper["title"]), ("T2", paper["venue"]), ("PY", paper["year"])]
    pairs += [("AU", name) for name in paper["authors"] or []]
    pairs += [("AB", paper["abstract"]), *(("KW", tag) for tag in paper["tags"] or [])]
    pairs += [("UR", paper["url"])] if paper["url"] else []
    return "".join(f"{tag}  - {value}\n" for tag, value in pairs) + "ER  - \n\n"


def snapshot_file(path: str, size: int) -> None:
    """Write entries in the layout of arXiv's snapshot, 2007 to 2026, of invented words; the same each time.

    One entry in twenty is of cs.LG and since 2024; in a file of any size 100 are of q-fin.TR and since 2024.
    """
    with Path(path).open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(entry) + "\n" for entry in snapshot_entries(size))


def snapshot_entries(size: int) -> Iterator[dict]:
    draw = random.Random(0)
    letters = "etaoinshrdlucm"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 11))) for _ in range(20_000)]
    sentences = [" ".join(draw.choices(words, k=18)).capitalize() + "." for _ in range(20_000)]
    first, days = date(2007, 5, 1), 17 * 365
    months: dict[str, int] = {}
    for number in range(size):
        rare, popular = number % (size // 100) == 0, number % 20 == 1
        recent = rare or popular
        day = (
            date(2024, 1, 8) + timedelta(draw.randrange(700))
            if recent
            else first + timedelta(draw.randrange(days - 400))
        )
        months[f"{day:%y%m}"] = serial = months.get(f"{day:%y%m}", 0) + 1
        category = (
            "q-fin.TR"
            if rare
            else "cs.LG"
            if popular
            else draw.choice(("hep-ph", "math.CO", "cs.DS", "quant-ph"))
        )
        names = [draw.choices(words, k=2) for _ in range(draw.randint(1, 6))]
        created = f"{day:%a}, {day.day} {day:%b %Y} 10:00:00 GMT"
        yield {
            "id": f"{day:%y%m}.{serial:05d}",
            "submitter": " ".join(names[0]).title(),
            "authors": ", ".join(" ".join(name).title() for name in names),
            "title": " ".join(draw.choices(words, k=9)).capitalize(),
            "comments": f"{draw.randint(4, 40)} pages",
            "journal-ref": None,
            "doi": f"10.5555/{number:08d}" if number % 3 == 0 else None,
            "report-no": None,
            "categories": category,
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "abstract": "  " + "\n".join(draw.choices(sentences, k=8)) + "\n",
            "versions": [{"version": "v1", "created": created}],
            "update_date": (day + timedelta(30)).isoformat(),
            "authors_parsed": [[family.title(), given.title(), ""] for given, family in names],
        }


if __name__ == "__main__":
    main()
