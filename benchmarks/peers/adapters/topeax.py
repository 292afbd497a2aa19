"""turftopic's Topeax, which finds the number of topics; the perplexity of its layout moves it a little."""

from benchmarks.peers.adapters._run import Run
from benchmarks.peers.adapters._turftopic import fits

run = Run()
with run.stage("import"):
    from turftopic import Topeax


fits(
    run,
    lambda asked, encoder: Topeax(encoder=encoder, random_state=run.seed, **(asked or {})),
    "reduce and cluster",
)
