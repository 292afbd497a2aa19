"""FASTopic, which must be told the number of topics; a paper's topic is the one that has most of it."""

import sys
from importlib.metadata import version
from types import ModuleType

from benchmarks.peers.adapters._run import TOP, Run

run = Run()
with run.stage("import"):
    import torch

    encoder = run.encoder()
    # topmost, which FASTopic reads texts with, imports these for a download that is not made here.
    absent = ("torchvision", "torchvision.datasets", "torchvision.datasets.utils")
    sys.modules |= {name: ModuleType(name) for name in absent}
    sys.modules["torchvision.datasets.utils"].download_url = None
    import topmost  # noqa: F401, FASTopic imports it when it is made
    from fastopic import FASTopic

    for name in absent:
        del sys.modules[name]
vectors = run.vectors(encoder)
for asked in run.asked:
    torch.manual_seed(run.seed)
    model = FASTopic(asked, doc_embed_model=encoder)
    run.timed(model, "get_top_words", "words")
    before = run.seconds.get("words", 0.0)
    with run.stage("train"):
        words, weights = model.fit_transform(run.texts, preset_doc_embeddings=vectors)
    run.seconds["train"] -= run.seconds["words"] - before
    run.keep(asked, weights.argmax(axis=1), [topic.split()[:TOP] for topic in words])
run.write(version("fastopic"))
