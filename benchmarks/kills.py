"""kill -9 at random moments of save, update and refit: is the study whole each time, and nothing lost?

    python -m benchmarks.kills [KILLS]

A process of its own takes week after week into one study on disk, in small parts, and finds the topics anew
every third week; it says each week that is done. It is killed somewhere, the study is opened, and must be
exactly one of the states to which the weeks lead, no earlier than the last that was said to be done.
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

PART = 32
"""Papers in a part, so that a week leaves most parts as they are and fills the last."""

WORK = """
import sys
from pathlib import Path
from benchmarks import kills
from trends.study import _parts
_parts.PART = kills.PART
print("ready", flush=True)
while True:
    print(kills.step_on_disk(Path(sys.argv[1])), flush=True)
"""


def start() -> Any:
    """Give the study of the first papers."""
    from trends import load, study
    from trends.testing import HashingEncoder, papers

    early = load(papers(N_EARLY))
    return study.study_of(early, every="quarter", encoder=HashingEncoder(), n_topics=4, title="Weeks")


def number_of(made: Any) -> int:
    """Give the number of the week that comes next."""
    return 1 + (len(made.topics.members) - N_EARLY) // WEEK


def week(number: int) -> Any:
    """Give the papers of a week."""
    from trends.testing import papers

    return papers(N_EARLY + WEEK * number).iloc[-WEEK:]


def step(made: Any) -> Any:
    """Give the study after its next week, or found anew after some weeks; at the end it begins again."""
    from trends.testing import HashingEncoder

    number = number_of(made)
    if number > WEEKS:
        return start()
    later = made.update(week(number), encoder=HashingEncoder(), refit="never")
    return later.refit(encoder=HashingEncoder()) if number % REFIT_EVERY == 0 else later


def step_on_disk(folder: Path) -> str:
    """Go a step in a folder, a week without a refit by what it changes; give the study's fingerprint."""
    from trends import study
    from trends.testing import HashingEncoder

    made = study.open(folder)
    number = number_of(made)
    if number <= WEEKS and number % REFIT_EVERY:
        later = study.update(folder, week(number), encoder=HashingEncoder(), refit="never")
    else:
        later = step(made)
        later.save(folder)
    return later.fingerprint


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
