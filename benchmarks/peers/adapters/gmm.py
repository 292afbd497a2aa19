"""turftopic's GMM, which must be told the number of topics."""

from benchmarks.peers.adapters._run import Run
from benchmarks.peers.adapters._turftopic import fits

run = Run()
with run.stage("import"):
    from turftopic import GMM


fits(run, lambda asked, encoder: GMM(asked, encoder=encoder, random_state=run.seed), "mixture")
