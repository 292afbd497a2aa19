"""What the runs show: seconds, memory and measures of topics, for `results/peers.json` and as tables."""

import hashlib
import itertools
import json
import math
import os
import platform
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import corpora, metrics
from benchmarks.environments import RESULTS
from benchmarks.peers.environments import PEERS
from benchmarks.peers.runs import KEPT, Wanted, texts_of

INTO = RESULTS / "peers.json"


def write(wanted: Sequence[Wanted], sizes: dict, numbers: Sequence[int]) -> None:
    """Measure all runs, add what was found to the results and print it."""
    known = json.loads(INTO.read_text(encoding="utf-8")) if INTO.exists() else {}
    known["machine"] = {"processor": processor(), "cores": os.cpu_count(), "date": time.strftime("%Y-%m-%d")}
    for corpus, n_papers in dict.fromkeys((run.corpus, run.n_papers) for run in wanted):
        some = [run for run in wanted if (run.corpus, run.n_papers) == (corpus, n_papers)]
        place = f"{corpus}, {sizes[corpus, n_papers]:,} papers"
        found = known.setdefault(place, {})
        now: dict[str, Any] = {}
        encoded = next((run.outcome() for run in some if run.peer == "encode"), None)
        if encoded and "error" not in encoded:
            found["encode"] = {
                "seconds": round(encoded["seconds"]["encode"], 1),
                "peak memory, MiB": mib(encoded["peak memory"]),
            }
        for part, measure in (
            ("main", main_figures),
            ("curve", curve),
            ("protocol", protocol),
            ("steady", steady),
        ):
            for peer in PEERS:
                runs = [r for r in some if (r.peer, r.part) == (peer, part)]
                if runs:
                    now.setdefault(part, {})[peer] = measure(runs, encoded)
            if part in now:
                found[part] = found.get(part, {}) | now[part]
        INTO.write_text(json.dumps(rounded(known), indent=1) + "\n", encoding="utf-8")
        show(place, now, numbers)


# --- figures of one tool --------------------------------------------------------------------------------


def main_figures(runs: list[Wanted], encoded: dict | None) -> dict[str, Any]:
    """Give the cost and the measures of a tool's main runs: the middle of the costs, the mean of the rest."""
    outcomes = {run: run.outcome() or {"error": "not run"} for run in runs}
    good = {run: made for run, made in outcomes.items() if "error" not in made and made["fits"]}
    if not good:
        return {"error": next(iter(outcomes.values())).get("error", "it found nothing")}
    # Only a run that starts with nothing kept says what this project costs.
    timed = [made for run, made in good.items() if not (run.is_ours and run.seed)]
    shared = {} if not encoded or next(iter(good)).is_ours or next(iter(good)).encode_each else encoded
    extra = shared["seconds"]["encode"] if shared else 0.0
    stages = sorted({stage for made in timed for stage in made["seconds"]} - {"total"})
    seconds = {
        stage: statistics.median(made["seconds"].get(stage, 0.0) for made in timed)
        for stage in ("total", *stages)
    }
    if extra:
        seconds["total"] += extra
        seconds["encode"] = seconds.get("encode", 0.0) + extra
    more = shared["processor seconds"] - shared["seconds"]["import"] if shared else 0.0
    memory = max([*(made["peak memory"] for made in timed), shared.get("peak memory", 0)])
    each = [figures_of(run, ("agreement", "words", "labels"))[0] for run in good]
    return {
        "version": next(iter(good.values()))["version"],
        "runs": len(good),
        "seconds": seconds,
        "processor seconds": statistics.median(made["processor seconds"] for made in timed) + more,
        "peak memory, MiB": mib(memory),
        **{key: mean([one[key] for one in each]) for key in each[0] if key != "asked"},
        **(steadiness(list(good)) if len(good) > 1 else {}),
    }


def steadiness(runs: list[Wanted], place: int = 0) -> dict[str, float]:
    """Compare a tool's runs pair by pair in one of their fits: the papers' topics and the topics' words."""
    pairs = []
    fits = [(run.outcome() or {})["fits"][place] for run in runs]
    members = [
        dict(zip(ids_of(run), fit["labels"], strict=True)) for run, fit in zip(runs, fits, strict=True)
    ]
    for one, other in itertools.combinations(range(len(fits)), 2):
        pair = metrics.document_ari(members[one], members[other])
        if fits[one]["words"] is not None:
            words = metrics.word_overlap(fits[one]["words"], fits[other]["words"])
            pair |= {f"words_{key}": value for key, value in words.items()}
        pairs.append(pair)
    return {f"over runs, {key}": mean([pair[key] for pair in pairs]) for key in pairs[0]}


def ids_of(run: Wanted) -> list[str]:
    """Give the places, among all papers, of those that a run read."""
    with texts_of(run.corpus, run.n_papers).open(encoding="utf-8") as lines:
        n_papers = sum(1 for _ in lines)
    places = range(n_papers) if run.draw is None else corpora.drawn(n_papers, run.draw)
    return [str(place) for place in places]


def steady(runs: list[Wanted], encoded: dict | None) -> dict[str, Any]:
    """Give steadiness over seeds and over draws of the papers by what was asked, and the mean of those."""
    outcomes = [run.outcome() or {"error": "not run"} for run in runs]
    if failed := next((made["error"] for made in outcomes if "error" in made), None):
        return {"error": failed}
    seeds = [run for run in runs if run.draw is None]
    ways = {"seeds": seeds, "draws": [run for run in runs if run.draw is not None]}
    table: dict[str, dict[str, Any]] = {}
    for place, asked in enumerate(seeds[0].asked):
        row: dict[str, Any] = {}
        for way, some in ways.items():
            found = steadiness(some, place)
            row |= {
                f"{way}, ari": found["over runs, ari"],
                f"{way}, words": found.get("over runs, words_overlap"),
            }
        fits = [(run.outcome() or {})["fits"][place] for run in seeds]
        row["n_topics"] = mean([len(set(fit["labels"]) - {-1}) for fit in fits])
        row["diversity"] = mean([metrics.diversity(fit["words"]) for fit in fits if fit["words"] is not None])
        table[str(asked)] = row
    return {"by number": table, "mean": {key: mean([row[key] for row in table.values()]) for key in row}}


def curve(runs: list[Wanted], encoded: dict | None) -> dict[str, Any]:
    """Give agreement and diversity at each number of topics that a tool was brought to."""
    points = []
    for run in runs:
        made = run.outcome() or {"error": "not run"}
        if "error" in made:
            return {"error": made["error"]}
        points += [{"seed": run.seed} | point for point in figures_of(run, ("agreement", "diversity"))]
    return {"points": points}


def protocol(runs: list[Wanted], encoded: dict | None) -> dict[str, Any]:
    """Give coherence and diversity by number of topics, the mean of three runs, and the mean of those."""
    points = []
    for run in runs:
        made = run.outcome() or {"error": "not run"}
        if "error" in made:
            return {"error": made["error"]}
        points += figures_of(run, ("agreement", "words"))
    by_number: dict[str, list[dict]] = {}
    for point in points:
        by_number.setdefault(str(point["asked"]), []).append(point)
    kept = ("n_topics", "coverage", "npmi", "npmi_texts", "diversity", "ami")
    table = {
        asked: {key: mean([one[key] for one in same if key in one]) for key in kept}
        for asked, same in by_number.items()
    }
    asked = [row for name, row in table.items() if name.isdigit()] or list(table.values())
    return {"by number": table, "mean": {key: mean([row[key] for row in asked]) for key in kept}}


def figures_of(run: Wanted, what: tuple[str, ...]) -> list[dict[str, Any]]:
    """Measure each fit of a run; kept beside the run, since coherence takes seconds."""
    code = Path(metrics.__file__).read_bytes() + Path(__file__).read_bytes() + run.path.read_bytes()
    kept = KEPT / "figures" / f"{run.name}-{hashlib.sha256(repr(what).encode() + code).hexdigest()[:12]}.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    with texts_of(run.corpus, run.n_papers).open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts, truth = [row["text"] for row in rows], [row["label"] for row in rows]
    found = [measures(fit, texts, truth, what) for fit in (run.outcome() or {})["fits"]]
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def measures(
    fit: dict[str, Any], texts: list[str], truth: list[str], what: tuple[str, ...]
) -> dict[str, Any]:
    """Measure one fit."""
    found: dict[str, Any] = {"asked": fit["asked"]}
    if "agreement" in what and not any(truth):  # papers of conferences have no classes
        found |= metrics.covered(fit["labels"])
    elif "agreement" in what:
        found |= metrics.agreement(fit["labels"], truth)
        if "nearest" in fit:
            found["ami_nearest"] = metrics.agreement(fit["nearest"], truth)["ami"]
    if fit["words"] is None:
        return found
    if "diversity" in what or "words" in what:
        found["diversity"] = metrics.diversity(fit["words"])
    if "words" in what:
        found["npmi"] = metrics.npmi(fit["words"], texts)
        found["npmi_texts"] = metrics.npmi(fit["words"], texts, window=None)
        if fit.get("terms"):
            found["terms_npmi"] = metrics.npmi(fit["terms"], texts)
            found["terms_diversity"] = metrics.diversity(fit["terms"])
    if "labels" in what:
        found |= {f"labels_{key}": value for key, value in metrics.label_figures(fit["shown"]).items()}
    return found


# --- tables ---------------------------------------------------------------------------------------------


def show(place: str, found: dict[str, Any], numbers: Sequence[int]) -> None:
    """Print what was found on one corpus, as the tables of the README."""
    print(f"\n## {place}\n")
    if "main" in found:
        print_main(found["main"])
    if "curve" in found:
        print_curve(found["curve"], numbers)
    if "protocol" in found:
        print_protocol(found["protocol"])
    if "steady" in found:
        print_steady(found["steady"])


def print_main(table: dict[str, dict]) -> None:
    """Print costs and measures, a tool a row."""
    columns = {
        "topics": "n_topics",
        "AMI": "ami",
        "ARI": "ari",
        "FMI": "fmi",
        "AMI assigned": "ami_assigned",
        "ARI assigned": "ari_assigned",
        "FMI assigned": "fmi_assigned",
        "covered": "coverage",
        "NPMI": "npmi",
        "NPMI texts": "npmi_texts",
        "diversity": "diversity",
        "runs ARI": "over runs, ari",
        "runs words": "over runs, words_overlap",
        "labels unique": "labels_unique",
        "words a label": "labels_words_mean",
    }
    base = next((table[p]["seconds"]["total"] for p in ("trends",) if "seconds" in table.get(p, {})), None)
    print(f"| tool | seconds | x trends | of processors | MiB | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 5) + "|")
    for peer, row in measured(table):
        total = row["seconds"]["total"]
        times = f"{total / base:.1f}" if base else ""
        cells = [cell(row.get(key)) for key in columns.values()]
        shown = f"{PEERS[peer].shown} {row['version']}"
        costs = f"{total:.1f} | {times} | {row['processor seconds']:.1f} | {row['peak memory, MiB']:,}"
        print(f"| {shown} | {costs} | {' | '.join(cells)} |")
    print("\n| tool | seconds by stage |\n|---|---|")
    for peer, row in table.items():
        if "seconds" in row:
            stages = "; ".join(f"{s} {v:.1f}" for s, v in row["seconds"].items() if s != "total")
            print(f"| {PEERS[peer].shown} | {stages} |")


def print_curve(table: dict[str, dict], numbers: Sequence[int]) -> None:
    """Print AMI at matched numbers of topics, read between the points that a tool gave."""
    for measure in ("ami", "ami_nearest", "ami_assigned"):
        print(f"\n| {measure} at topics | {' | '.join(map(str, numbers))} |")
        print("|---" * (len(numbers) + 1) + "|")
        for peer, row in table.items():
            given = [(p["n_topics"], p.get(measure, p["ami"])) for p in row.get("points", ())]
            points = [(n, value) for n, value in given if value is not None]
            values = metrics.at_numbers([p for p in points if p[0] > 0 and not math.isnan(p[1])], numbers)
            print(f"| {PEERS[peer].shown} {row.get('error', '')} | {' | '.join(map(cell, values))} |")


def print_protocol(table: dict[str, dict]) -> None:
    """Print NPMI and diversity by number of topics, and their means; the paper has .170 and .802."""
    numbers = list(
        dict.fromkeys(n for row in table.values() for n in row.get("by number", ()) if n.isdigit())
    )
    print(f"\n| NPMI/diversity at topics | {' | '.join(numbers)} | mean | AMI | covered |")
    print("|---" * (len(numbers) + 4) + "|")
    for peer, row in measured(table):
        rows = [*(row["by number"].get(number, {}) for number in numbers), row["mean"]]
        cells = [f"{cell(one.get('npmi'))}/{cell(one.get('diversity'))}" for one in rows]
        more = f"{cell(row['mean']['ami'])} | {cell(row['mean']['coverage'])}"
        print(f"| {PEERS[peer].shown} | {' | '.join(cells)} | {more} |")


def print_steady(table: dict[str, dict]) -> None:
    """Print how alike ten words and the papers' topics are over seeds and over draws of the papers."""
    numbers = list(dict.fromkeys(n for row in table.values() for n in row.get("by number", ())))
    for way in ("seeds", "draws"):
        shown = [number.replace("None", "as it is") for number in numbers]
        print(f"\n| words/ARI/diversity over {way} | {' | '.join(shown)} | mean |")
        print("|---" * (len(numbers) + 2) + "|")
        for peer, row in measured(table):
            rows = [*(row["by number"].get(number, {}) for number in numbers), row["mean"]]
            measures = (f"{way}, words", f"{way}, ari", "diversity")
            cells = ["/".join(cell(one.get(measure)) for measure in measures) for one in rows]
            print(f"| {PEERS[peer].shown} | {' | '.join(cells)} |")


def measured(table: dict[str, dict]) -> Iterator[tuple[str, dict]]:
    """Give the rows of a table that hold figures, printing why the others hold none."""
    for peer, row in table.items():
        if "error" in row:
            print(f"| {PEERS[peer].shown} | {row['error']} |")
        else:
            yield peer, row


def cell(value: float | None) -> str:
    """Write a number as the tables have it: .123, 12.3, or a dash where there is none."""
    if value is None or math.isnan(value):
        return "-"
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.1f}".removesuffix(".0")


def mean(values: Sequence[float | None]) -> float | None:
    """Average what is there."""
    known = [value for value in values if value is not None and not math.isnan(value)]
    return statistics.fmean(known) if known else None


def rounded(value: Any) -> Any:
    """Round all numbers to four digits after the point, and give NaN as null, which JSON has."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


def mib(size: float) -> int:
    """Give bytes as MiB."""
    return round(size / 1024**2)


def processor() -> str:
    """Name the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
