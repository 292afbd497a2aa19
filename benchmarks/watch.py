"""How far the estimated precision and recall of followed themes are from those that tags give.

python -m benchmarks.watch

The themes are followed by a phrase or two, and the tags, which the rule never sees, say which papers belong:
those of the embedded sample, given by hand, and, where the real corpora are present, the keywords of 2,000
Daily Papers. Tags leave papers out too, so even a perfect rule would not reach 1.
"""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

import trends as tr
from trends.core.hashing import text_hash

RESULTS = Path(__file__).with_name("results") / "watch.json"
N_DAILY = 2_000

SAMPLE = {
    "sparse-attention": ["sparse attention"],
    "sparse-autoencoder": ["sparse autoencoder", "SAE"],
    "token-pruning": ["token pruning"],
    "mixture-of-experts": ["mixture of experts", "MoE"],
    "object-detection": ["object detection"],
    "point-cloud": ["point cloud"],
    "kv-cache": ["kv cache"],
    "sparse-coding": ["sparse coding"],
    "weight-pruning": ["pruning"],
    "diffusion-model": ["diffusion"],
    "long-context": ["long context"],
    "sparse-training": ["sparse training"],
    "neuroscience": ["fMRI", "brain"],
}
"""Phrases by the tag that says the truth."""

DAILY = {
    "GRPO": (["GRPO"], ["reinforcement learning", "grpo", "rlvr", "policy optimization"]),
    "mixture of experts": (["mixture of experts"], ["mixture of experts", "moe"]),
    "sparse attention": (["sparse attention"], ["sparse attention", "attention sparsity"]),
    "video diffusion": (["video diffusion"], ["video generation", "video diffusion", "text to video"]),
    "retrieval": (["RAG"], ["retrieval augmented"]),
    "robot actions": (["vision language action"], ["vision language action", "robot"]),
    "world models": (["world model"], ["world model"]),
    "image editing": (["image editing"], ["image editing"]),
    "splatting": (["gaussian splatting"], ["gaussian", "3dgs"]),
    "hallucination": (["hallucination"], ["hallucination"]),
    "speculative decoding": (["speculative decoding"], ["speculative"]),
    "kv cache": (["kv cache"], ["kv cache", "key value cache"]),
    "code": (["code generation"], ["code generation", "program synthesis", "software engineering"]),
    "quantization": (["quantization"], ["quantiz"]),
    "speech": (["speech recognition", "text to speech"], ["speech"]),
    "agents together": (["multi agent"], ["multi agent"]),
    "visual tokens": (["visual token"], ["visual token", "token pruning", "token reduction"]),
    "test-time scaling": (["test time scaling"], ["test time scaling", "test time compute"]),
    "text diffusion": (["diffusion language model"], ["diffusion language model", "masked diffusion"]),
}
"""Phrases, and parts of keywords that say the truth."""


def measure(papers: pd.DataFrame, embeddings: pd.DataFrame, themes: list[dict], truth: list) -> dict:
    """Follow the themes; return the measured and the estimated quality of each, and the means."""
    watch = tr.watch(papers, embeddings, themes)
    rows = {}
    for (theme_id, theme), true in zip(watch.table.iterrows(), truth):
        members = watch.members[watch.members["theme_id"] == theme_id]
        if theme["estimate"] == "none":
            continue
        right, added = members["paper_id"].isin(true), members["how"] == "likeness"
        rows[theme["label"]] = {
            "papers": len(members),
            "added": int(added.sum()),
            "added and tagged": int((right & added).sum()),
            "tagged": len(true),
            "precision": right.mean(),
            "recall": right.sum() / len(true),
            **{f"estimated {name}": theme[name] for name in ("precision", "recall")},
            **{
                f"{name} in its interval": bool(theme[f"{name}_low"] <= value <= theme[f"{name}_high"])
                for name, value in (("precision", right.mean()), ("recall", right.sum() / len(true)))
            },
            "recall by phrases alone": (right & ~added).sum() / len(true),
        }
    table = pd.DataFrame(rows).T
    means = {"themes": len(table), "added": int(table["added"].sum())}
    means["added and tagged"] = int(table["added and tagged"].sum())
    for name in ("precision", "recall"):
        error = (table[f"estimated {name}"] - table[name]).astype(float)
        means[f"mean {name}"] = table[name].mean()
        means[f"mean estimated {name}"] = table[f"estimated {name}"].mean()
        means[f"mean absolute error of {name}"] = error.abs().mean()
        means[f"{name} in its interval"] = table[f"{name} in its interval"].astype(float).mean()
        means[f"correlation of {name}"] = np.corrcoef(
            table[name].astype(float), table[f"estimated {name}"].astype(float)
        )[0, 1]
    rounded = {k: round(float(v), 3) for k, v in means.items()}
    themes_rounded = {
        label: {k: v if isinstance(v, bool | int) else round(float(v), 3) for k, v in row.items()}
        for label, row in rows.items()
    }
    return {"means": rounded, "themes": themes_rounded}


def sample() -> dict:
    """Measure on the embedded sample."""
    papers = tr.sample()
    themes = [{"name": tag, "phrases": phrases} for tag, phrases in SAMPLE.items()]
    truth = [set(papers.index[[tag in tags for tags in papers["tags"]]]) for tag in SAMPLE]
    return measure(papers, tr.embed(papers), themes, truth)


def daily(path: Path) -> dict:
    """Measure on Daily Papers whose source gave keywords, the same 2,000 each time."""
    papers = tr.load(path)
    tagged = papers[[bool(t) and set(t) == {"source"} for t in papers["tag_sources"]]]
    papers = tagged.loc[sorted(tagged.index, key=text_hash)[:N_DAILY]]
    words = [[tag.lower().replace("-", " ") for tag in tags] for tags in papers["tags"]]
    themes = [{"name": name, "phrases": phrases} for name, (phrases, _) in DAILY.items()]
    truth = [
        set(papers.index[[any(part in tag for tag in tags for part in parts) for tags in words]])
        for _, parts in DAILY.values()
    ]
    return measure(papers, tr.embed(papers, exact=True), themes, truth)


def main() -> dict:
    """Measure, print the means and return all."""
    found = {"sample": sample()}
    root = Path(os.environ.get("TRENDS_DATA") or Path(__file__).parents[2] / "shared" / "data")
    path = root / "hf_daily" / "hf_daily.jsonl.gz"
    if path.is_file():
        found["daily papers"] = daily(path)
    for name, result in found.items():
        print(name, json.dumps(result["means"], indent=1))
    if len(found) == 2:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
