"""What does gensim 4.4.0 say? Its NPMI of some topics is kept, and a test holds `metrics.npmi` to it.

    python -m benchmarks.gensim_npmi

Texts and topics are toys made here: words drawn by a fixed rule, some topics of words that go together and
some of words that do not.
"""

import json
import random
import subprocess

from benchmarks.environments import RESULTS, environment

CHECK = """
import json, sys
from gensim import __version__
from gensim.corpora import Dictionary
from gensim.models.coherencemodel import CoherenceModel
asked = json.load(sys.stdin)
texts = [text.split() for text in asked["texts"]]
def c_npmi(window):
    return float(CoherenceModel(topics=asked["topics"], texts=texts, dictionary=Dictionary(texts),
                                coherence="c_npmi", window_size=window, topn=10, processes=1).get_coherence())
longest = max(map(len, texts))
print(json.dumps({"gensim": __version__, "sliding window of 10": c_npmi(10), "whole texts": c_npmi(longest)}))
"""


def main() -> dict:
    """Ask gensim, keep and return what it answers."""
    draw = random.Random(0)
    themes = [[f"{letter}{number}" for number in range(14)] for letter in "abcd"]
    shared = [f"s{number}" for number in range(20)]
    texts = [
        " ".join(draw.choices(themes[number % 4], k=draw.randint(2, 18)) + draw.choices(shared, k=6))
        for number in range(60)
    ]
    known = {word for text in texts for word in text.split()}
    mixed = [theme[place] for theme in themes for place in range(3) if theme[place] in known][:10]
    topics = [[word for word in theme if word in known][:10] for theme in themes] + [shared[:10], mixed]
    python = environment("gensim", ("gensim==4.4.0",), ("numpy", "scipy"))
    asked = {"texts": texts, "topics": topics}
    done = subprocess.run(
        [str(python), "-c", CHECK], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1]) | asked
    (RESULTS / "npmi.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    answer = main()
    print({key: value for key, value in answer.items() if key not in ("texts", "topics")})
