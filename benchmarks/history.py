"""Do the calls and turns of well-known stories agree with what the literature knows? Nothing is tuned.

python -m benchmarks.history [CORPUS-FILE]

The themes are followed by phrases (`tr.watch`) in 91,906 papers of 26 venues, 1987 to 2025, counted by year
and measured with the defaults, twice: as of a year in the middle of each story, and as of now.
What is expected was written down before the run, each with its source.
"""

import json
import sys
from pathlib import Path

import pandas as pd

import trends as tr
from benchmarks.environments import DATA

RESULTS = Path(__file__).with_name("results") / "history.json"

RISING = ("growing", "emerging")

STORIES = [
    {
        "name": "Support vector machines",
        "phrases": ["support vector machine", "support vector machines", "SVM", "SVMs"],
        "source": "Cortes & Vapnik 1995; displaced after Krizhevsky et al. 2012",
        "then": (2004, RISING),
        "now": ("declining",),
        "turn": (2012, 2016),
    },
    {
        "name": "Convolutional networks",
        "phrases": ["convolutional neural network", "convolutional network", "CNN", "CNNs", "ConvNet"],
        "source": "Krizhevsky et al. 2012; vision transformers from Dosovitskiy et al. 2020",
        "then": (2016, RISING),
        "now": ("declining",),
        "turn": (2016, 2021),
    },
    {
        "name": "Recurrent networks",
        "phrases": [
            "recurrent neural network",
            "LSTM",
            "LSTMs",
            "long short-term memory",
            "gated recurrent unit",
        ],
        "source": "Sutskever et al. 2014; replaced by the transformer, Vaswani et al. 2017",
        "then": (2017, RISING),
        "now": ("declining",),
        "turn": (2017, 2020),
    },
    {
        "name": "Generative adversarial networks",
        "phrases": ["generative adversarial", "GAN", "GANs"],
        "source": "Goodfellow et al. 2014; Dhariwal & Nichol 2021, diffusion models beat GANs",
        "then": (2018, RISING),
        "now": ("declining",),
        "turn": (2017, 2021),
    },
    {
        "name": "Attention and transformers",
        "phrases": [
            "transformer",
            "transformers",
            "self-attention",
            "attention mechanism",
            "multi-head attention",
        ],
        "source": "Bahdanau et al. 2015; Vaswani et al. 2017",
        "then": (2020, RISING),
        "now": (*RISING, "steady"),
        "turn": None,
    },
    {
        "name": "Diffusion models",
        "phrases": ["diffusion model", "denoising diffusion", "score-based generative", "latent diffusion"],
        "source": "Sohl-Dickstein et al. 2015; Ho et al. 2020; Rombach et al. 2022",
        "then": None,
        "now": RISING,
        "turn": None,
    },
    {
        "name": "Neural radiance fields and Gaussian splatting",
        "phrases": ["neural radiance field", "NeRF", "NeRFs", "Gaussian splatting"],
        "source": "Mildenhall et al. 2020; Kerbl et al. 2023",
        "then": None,
        "now": RISING,
        "turn": None,
    },
    {
        "name": "Large language models",
        "phrases": ["large language model", "large language models", "LLM", "LLMs"],
        "source": "Brown et al. 2020; ChatGPT, November 2022",
        "then": None,
        "now": RISING,
        "turn": None,
    },
    {
        "name": "Topic models",
        "phrases": ["topic model", "topic modeling", "latent Dirichlet allocation"],
        "source": "Blei et al. 2003; embeddings from Mikolov et al. 2013 on",
        "then": (2012, RISING),
        "now": ("declining",),
        "turn": (2010, 2016),
    },
    {
        "name": "Graph neural networks",
        "phrases": [
            "graph neural network",
            "graph convolutional network",
            "graph convolution",
            "GNN",
            "GNNs",
        ],
        "source": "Kipf & Welling 2017",
        "then": (2020, RISING),
        "now": (*RISING, "steady"),
        "turn": None,
    },
]


def papers_until(papers: pd.DataFrame, year: int) -> pd.DataFrame:
    """Give the papers dated up to the end of a year."""
    return papers[papers["date"].dt.year <= year]


def measured(papers: pd.DataFrame, embeddings: pd.DataFrame, themes: list[dict]) -> "tr.Trends":
    """Follow the themes and measure them by year."""
    watch = tr.watch(papers, embeddings.loc[papers.index], themes)
    return tr.measure(tr.count_themes(papers, watch, every="year"))


def main() -> dict:
    """Measure, print a table and return it."""
    source = sys.argv[1] if len(sys.argv) > 1 else DATA / "conference" / "paperlists_abs.jsonl.gz"
    papers = tr.load(source)
    embeddings = tr.embed(papers)
    themes = [{"name": story["name"], "phrases": story["phrases"]} for story in STORIES]
    now = measured(papers, embeddings, themes)
    earlier = {year: measured(papers_until(papers, year), embeddings, themes) for year in _years()}
    found = {}
    for theme_id, story in enumerate(STORIES):
        call, series = now.calls.loc[theme_id], now.shares[now.shares["topic_id"] == theme_id]
        turned = None if pd.isna(call["turned"]) else call["turned"].year
        row = {
            "source": story["source"],
            "papers": int(series["n_papers"].sum()),
            "now": str(call["status"]),
            "expected now": " or ".join(story["now"]),
            "growth a year": [
                round(float(call[name]), 2) for name in ("growth", "growth_low", "growth_high")
            ],
            "turned": turned,
            "expected turn": list(story["turn"]) if story["turn"] else None,
            "peak": int(series.loc[series["share"].idxmax(), "period"].year),
            "phases": [
                [
                    int(p.start.year),
                    int(p.end.year),
                    round(p.growth, 2),
                    round(p.growth_low, 2),
                    round(p.growth_high, 2),
                ]
                for p in now.phases[now.phases["topic_id"] == theme_id].itertuples()
            ],
            "bursts": [
                [int(b.start.year), int(b.end.year)]
                for b in now.bursts[now.bursts["topic_id"] == theme_id].itertuples()
            ],
        }
        agrees = [row["now"] in story["now"]]
        if story["turn"]:
            agrees.append(turned is not None and story["turn"][0] <= turned <= story["turn"][1])
        if story["then"]:
            year, statuses = story["then"]
            row[f"as of {year}"] = str(earlier[year].calls.loc[theme_id, "status"])
            agrees.append(row[f"as of {year}"] in statuses)
        row["agrees"] = f"{sum(agrees)} of {len(agrees)}"
        found[story["name"]] = row
        print(story["name"], json.dumps(row), flush=True)
    if len(sys.argv) == 1:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def _years() -> list[int]:
    return sorted({story["then"][0] for story in STORIES if story["then"]})


if __name__ == "__main__":
    main()
