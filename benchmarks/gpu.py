"""What an NVIDIA GPU changes: seconds of reading papers and of finding topics, and how alike the vectors are.

python -m benchmarks.gpu [CORPUS...]

Each corpus is read on the GPU whole, and by a student as on a CPU, with nothing kept from before; a process
that is kept from the GPU reads 1,000 of its papers. What is loaded and compiled once is told apart.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks import corpora

RESULTS = Path(__file__).with_name("results") / "gpu.json"
COMPARED = 1_000


def main() -> None:
    """Measure each corpus, write what was found and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("corpora", nargs="*", help=", ".join(corpora.FILES))
    parser.add_argument("--on-cpu", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.on_cpu:
        kept_from_gpu(asked.corpora[0], asked.on_cpu)
        return
    found = {corpus: measured(corpus) for corpus in asked.corpora or ("arxiv_2025", "conference")}
    import torch

    about = {"date": time.strftime("%Y-%m-%d"), "gpu": torch.cuda.get_device_name(), "cores": os.cpu_count()}
    RESULTS.write_text(json.dumps(about | found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(about | found, indent=1))


def measured(corpus: str) -> dict:
    """Give seconds and likenesses of one corpus, and the agreement of its topics with its classes."""
    import trends as tr
    from trends import embeddings as room
    from trends.core.words import documents
    from trends.embeddings._encoders import find_encoder
    from trends.embeddings._minilm import MiniLM

    encoder = find_encoder("minilm")
    if encoder.precision != "float16":
        sys.exit("There is no NVIDIA GPU with a torch made for it.")
    rows = corpora.read(corpus, None)
    papers = corpora.table(rows)
    texts = documents(papers).tolist()
    found: dict = {"papers": len(papers)}
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["TRENDS_CACHE"] = f"{scratch}/cache"
        kept = Path(scratch) / "cpu.npz"
        hidden = os.environ | {"CUDA_VISIBLE_DEVICES": "-1"}
        command = [sys.executable, "-m", "benchmarks.gpu", corpus, "--on-cpu", str(kept)]
        subprocess.run(command, env=hidden, check=True)
        cpu = np.load(kept)
        found |= {f"cpu, {name}": float(cpu[name]) for name in ("whole a second", "beginnings a second")}
        found["warm-up"] = timed(lambda: (encoder.encode(texts[:64]), tr.cluster(*few(tr, papers))))
        seconds = timed(lambda: found.update(whole=tr.embed(papers)))
        vectors = found.pop("whole")
        found |= {"gpu, whole": seconds, "gpu, whole a second": round(len(papers) / seconds)}
        found["least cosine, whole"] = least_cosine(vectors.to_numpy()[:COMPARED], cpu["whole"])
        beginnings = encoder.beginnings(texts[:COMPARED])
        found["least cosine, beginnings"] = least_cosine(beginnings, cpu["beginnings"])
        again = np.asarray(encoder.encode(texts[: 16 * 512]))
        found["the same when read again"] = bool(np.array_equal(again, encoder.encode(texts[: 16 * 512])))
        found |= topics_of(tr, papers, vectors, rows, "whole")
        os.environ["TRENDS_CACHE"] = f"{scratch}/other"
        every = patch.object(MiniLM, "most_glanced", len(papers))
        with patch.object(room, "READS_FAST", "none"), every:
            found["gpu, student"] = timed(lambda: found.update(student=tr.embed(papers)))
        found |= topics_of(tr, papers, found.pop("student"), rows, "student")
    return found


def topics_of(tr, papers, vectors, rows, told: str) -> dict:
    """Give seconds, number and agreement (where there are classes) of the topics of these vectors."""
    from sklearn.metrics import adjusted_mutual_info_score

    kept: dict = {}
    seconds = timed(lambda: kept.update(topics=tr.label(papers, tr.cluster(papers, vectors))))
    topics = kept["topics"]
    found = {f"cluster and label, {told}": seconds, f"topics, {told}": len(topics.table)}
    if rows[0].get("label"):
        mine = topics.members.loc[papers.index, "topic_id"]
        score = adjusted_mutual_info_score([row["label"] for row in rows], mine)
        found[f"AMI, {told}"] = round(float(score), 4)
    return found


def kept_from_gpu(corpus: str, path: Path) -> None:
    """Read some papers on the CPU and keep vectors and speed."""
    from trends.core.words import documents
    from trends.embeddings._encoders import find_encoder

    encoder = find_encoder("minilm")
    texts = documents(corpora.table(corpora.read(corpus, None))).tolist()[:COMPARED]
    encoder.encode(texts[:8])
    kept: dict = {}
    for name, read in (("whole", encoder.encode), ("beginnings", encoder.beginnings)):
        seconds = timed(lambda name=name, read=read: kept.update({name: read(texts)}))
        kept[f"{name} a second"] = round(len(texts) / seconds)
    np.savez(path, **kept)


def few(tr, papers):
    """Give some papers and their vectors without the GPU, to compile what is compiled at first use."""
    some = papers.iloc[:1_500]
    return some, tr.embed(some, "lsa")


def timed(work) -> float:
    """Give the seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 2)


def least_cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Give the least cosine of rows that stand for the same texts."""
    return round(float((one * other).sum(axis=1).min()), 6)


if __name__ == "__main__":
    main()
