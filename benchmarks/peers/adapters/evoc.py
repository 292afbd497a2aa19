"""EVoC, which clusters embeddings and names nothing; a number of topics is its `approx_n_clusters`."""

from importlib.metadata import version

from benchmarks.peers.adapters._run import Run

run = Run()
with run.stage("import"):
    from evoc import EVoC

    encoder = run.encoder()
vectors = run.vectors(encoder)
for asked in run.asked:
    model = EVoC() if asked is None else EVoC(approx_n_clusters=asked)
    with run.stage("reduce and cluster"):
        labels = model.fit_predict(vectors)
    run.keep(asked, labels, None)
run.write(version("evoc"))
