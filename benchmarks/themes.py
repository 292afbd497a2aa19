"""Are the themes that the sample is known to hold found, whatever the seed? By the labels alone.

python -m benchmarks.themes [INPUT...]
"""

import json
import sys
from pathlib import Path

import trends as tr
from trends.testing import SAMPLE_THEMES

RESULTS = Path(__file__).with_name("results") / "themes.json"
SEEDS = range(6)


def main() -> dict:
    """Measure, print a table and return it."""
    sources = sys.argv[1:]
    papers = tr.load(*sources) if sources else tr.sample()
    embeddings = tr.embed(papers)
    found = {}
    for seed in SEEDS:
        topics = tr.label(papers, tr.cluster(papers, embeddings, seed=seed))
        labels = topics.table["label"].str.lower()
        themes = [
            theme
            for theme, ways in SAMPLE_THEMES.items()
            if labels.map(lambda label, ways=ways: any(way in label for way in ways)).any()
        ]
        found[f"seed {seed}"] = {
            "topics": len(topics.table),
            "unassigned": round(topics.n_unassigned / len(papers), 3),
            "themes found of 6": len(themes),
        }
        print(f"seed {seed}", found[f"seed {seed}"])
    if not sources:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
