"""kill -9 at random moments of save, update and refit: is the study whole each time, and nothing lost?

    python -m benchmarks.kills [KILLS]

A process of its own takes week after week into one study and finds the topics anew every third week; it says
each week that is done. It is killed somewhere, the study is opened, and must be exactly one of the states to
which the weeks lead, no earlier than the last that was said to be done.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results") / "kills.json"
N_EARLY, WEEK, WEEKS, REFIT_EVERY = 120, 4, 12, 3

WORK = """
import sys
from pathlib import Path
from benchmarks.kills import states, step
from trends import study
folder, made = Path(sys.argv[1]), study.open(sys.argv[1])
print("ready", flush=True)
while True:
    made = step(made)
    made.save(folder)
    print(made.fingerprint, flush=True)
"""


def start() -> Any:
    """Give the study of the first papers."""
    from trends import load, study
    from trends.testing import HashingEncoder, papers

    early = load(papers(N_EARLY))
    return study.study_of(early, every="quarter", encoder=HashingEncoder(), n_topics=4, title="0")


def step(made: Any) -> Any:
    """Give the study after its next week, or found anew after some weeks; at the end it begins again."""
    from dataclasses import replace

    from trends.testing import HashingEncoder, papers

    number = int(made.title) + 1
    if number > WEEKS:
        return start()
    table = papers(N_EARLY + WEEK * number).iloc[-WEEK:]
    later = made.update(table, encoder=HashingEncoder(), refit="never")
    if number % REFIT_EVERY == 0:
        later = later.refit(encoder=HashingEncoder())
    return replace(later, title=str(number))


def states() -> list[str]:
    """Give the fingerprints of the study after each week, from none to all."""
    made = [start()]
    for _ in range(WEEKS):
        made.append(step(made[-1]))
    return [study.fingerprint for study in made]


def killed(folder: Path, n_kills: int, seed: int = 0) -> dict[str, Any]:
    """Kill the worker so many times; raise an AssertionError where the study is not whole."""
    from trends import study

    known, chance = states(), random.Random(seed)
    start().save(folder)
    seen, n_left, n_restored, moments = known[0], 0, 0, []
    for _ in range(n_kills):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORK, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        moment = chance.uniform(0, 3)
        time.sleep(moment)
        worker.kill()
        said = worker.communicate()[0].split()
        moments.append(round(moment, 2))
        n_left += sum(1 for left in folder.parent.iterdir() if left.name.startswith(f".{folder.name}."))
        n_restored += not folder.exists()
        opened = study.open(folder)
        place, least = known.index(opened.fingerprint), known.index(said[-1] if said else seen)
        assert place in (least, (least + 1) % len(known)), f"week {place} after week {least} was done"
        assert len(opened.papers) == N_EARLY + WEEK * place
        assert len(opened.topics.members) == len(opened.papers) == len(opened.embeddings)
        seen = opened.fingerprint
    return {"n_kills": n_kills, "moments": moments, "n_left_beside": n_left, "n_put_back": n_restored}


def main() -> None:
    """Kill as often as told, 50 times by default; print and keep the numbers."""
    n_kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as name:
        found = killed(Path(name) / "study", n_kills)
    print(json.dumps(found))
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
