"""Which tool finds the best topics of the same papers, and how fast?

    python -m benchmarks.peers [--papers 2000 6000 13640] [--peers NAME...] [--seeds 3] [--titles]
        [--curve] [--steady] [--bbc] [--conferences]

Everything by default but the curve, steadiness, the BBC protocol and all papers of conferences, which are
asked for.
Every run is kept in the folder of `benchmarks.environments`, so that a stopped benchmark goes on where it
was; `--again` makes the runs of the named peers anew, those that failed too. What was found goes to
`benchmarks/results/peers.json`, corpus by corpus, and is printed.
"""

import argparse
import itertools
import time
from dataclasses import replace
from typing import Any

from benchmarks.peers import figures
from benchmarks.peers.environments import PEERS, python_of
from benchmarks.peers.runs import Wanted, expected, make, texts_of

PAPERS = (2_000, 6_000, 13_640)
NUMBERS = (10, 20, 30, 50, 75, 100)
PROTOCOL = (10, 20, 30, 40, 50)
STEADY = 5
"""Seeds, each with a draw of nine tenths of the papers."""
CORPUS, TITLES = "arxiv_2025", "arxiv_2025_titles"


def main() -> None:
    """Make what is asked for and not kept yet, saying what remains; then print the tables."""
    asked = arguments()
    wanted = plan(asked)
    sizes = {
        key: sum(1 for _ in texts_of(*key).open(encoding="utf-8"))
        for key in {(run.corpus, run.n_papers) for run in wanted}
    }
    if asked.again:
        for run in wanted:
            if run.peer in asked.peers:
                run.path.unlink(missing_ok=True)
    known: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for run in wanted:
        learn(known, run, sizes, run.outcome())
    missing = [run for run in wanted if run.outcome() is None]
    print(f"{len(wanted) - len(missing)} of {len(wanted)} runs are kept", flush=True)
    for place, run in enumerate(missing):
        left = sum(expected(other, known, sizes[other.corpus, other.n_papers]) for other in missing[place:])
        print(f"{time.strftime('%H:%M')} about {left / 60:.0f} minutes remain; {run.name}", flush=True)
        first = next(
            r for r in wanted if (r.peer, r.corpus, r.n_papers) == (run.peer, run.corpus, run.n_papers)
        )
        if first is not run and "error" in (first.outcome() or {}):
            print(f"      left out, since {first.name} failed", flush=True)
            continue
        outcome = make(run, None if run.peer != "encode" else encoding_python(asked.peers))
        learn(known, run, sizes, outcome)
        if "error" in outcome:
            print(f"      {outcome['error']}", flush=True)
    figures.write(wanted, sizes, NUMBERS)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--papers", type=int, nargs="*", default=list(PAPERS), help="papers of arxiv_2025")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--seeds", type=int, default=3, help="runs of each tool, each by its seed")
    parser.add_argument("--titles", action="store_true", help="their titles alone, without abstracts")
    parser.add_argument("--curve", action="store_true", help="agreement over 10 to 100 topics")
    parser.add_argument("--steady", action="store_true", help="five seeds and five draws of nine tenths")
    parser.add_argument("--bbc", action="store_true", help="BBC News by the BERTopic paper's protocol")
    parser.add_argument("--conferences", action="store_true", help="one run of each tool on 91,906 papers")
    parser.add_argument("--encode-each", action="store_true", help="let every tool encode for itself")
    parser.add_argument("--again", action="store_true", help="make the runs of the named peers anew")
    return parser.parse_args()


def plan(asked: argparse.Namespace) -> list[Wanted]:
    """List the runs; those to be compared stand beside each other, so that they share the machine's moods."""
    wanted: list[Wanted] = []
    labelled = TITLES if asked.titles else CORPUS
    asked_of = [(labelled, n_papers, asked.seeds) for n_papers in asked.papers]
    if asked.conferences:
        asked_of.append(("conference", None, 1))
    for corpus, n_papers, seeds in asked_of:
        if not asked.encode_each:
            wanted.append(Wanted("encode", corpus, n_papers, 0, (), "main"))
        for seed in range(seeds):
            for peer in asked.peers:
                tool = PEERS[peer]
                wanted.append(
                    Wanted(
                        peer,
                        corpus,
                        n_papers,
                        seed,
                        (tool.natural,),
                        "main",
                        tool.options,
                        asked.encode_each and not peer.startswith("trends"),
                    )
                )
        if asked.curve and corpus == labelled:
            for peer in asked.peers:
                tool = PEERS[peer]
                for_all = (NUMBERS if tool.by_number else ()) + tool.sweep
                for seed in range(seeds):
                    wanted.append(Wanted(peer, corpus, n_papers, seed, for_all, "curve", tool.options))
        if asked.steady and corpus == labelled:
            for seed, peer in itertools.product(range(STEADY), asked.peers):
                tool = PEERS[peer]
                numbers = PROTOCOL if tool.by_number else (tool.natural,)
                of_all = Wanted(peer, corpus, n_papers, seed, numbers, "steady", tool.options)
                wanted += [of_all, replace(of_all, draw=seed)]
    if asked.bbc:
        wanted.append(Wanted("encode", "bbc_news", None, 0, (), "main"))
        for peer in asked.peers:
            tool = PEERS[peer]
            # The paper's smallest topic for this corpus; a tool that takes no number gives what it finds.
            options = tool.options + ((("min_topic_size", 5),) if peer == "bertopic" else ())
            numbers = PROTOCOL if tool.by_number else (None,)
            sweep = tool.sweep if peer.startswith("trends") else ()
            for seed in range(3):
                wanted.append(Wanted(peer, "bbc_news", None, seed, numbers + sweep, "protocol", options))
    return wanted


def learn(known: dict, run: Wanted, sizes: dict, outcome: dict[str, Any] | None) -> None:
    """Remember how long a run took, for the estimate of what remains."""
    if outcome and "seconds" in outcome:
        size = sizes[run.corpus, run.n_papers]
        known.setdefault((run.peer, run.part), []).append((size, outcome["seconds"]["total"]))


def encoding_python(peers: list[str]) -> Any:
    """Give the Python that encodes: that of the first peer that could be installed, else this one."""
    import sys
    from pathlib import Path

    found = (python_of(peer) for peer in peers if PEERS[peer].package)
    return next((python for python in found if isinstance(python, Path)), Path(sys.executable))


if __name__ == "__main__":
    main()
