"""An NVIDIA GPU: seen without torch, hidden on request, its vectors those of the CPU but for last digits."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.test_embeddings import CountingEncoder, papers
from trends import embeddings as room
from trends.core.errors import DependencyError
from trends.embeddings import _minilm, _sentences, embed

SHOWN = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}

READ = """
import json
from trends import sample
from trends.core.words import documents
from trends.embeddings._encoders import find_encoder
encoder = find_encoder("minilm")
texts = documents(sample().iloc[:40]).tolist()
rows = encoder.encode(texts).tolist(), encoder.beginnings(texts).tolist()
print(json.dumps({"precision": encoder.precision, "rows": rows}))
"""


def read(env):
    done = subprocess.run([sys.executable, "-c", READ], env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_hidden_gpu_is_not_used(monkeypatch):
    monkeypatch.setattr(_sentences.Path, "exists", lambda path: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert _sentences._precision() == "float16"
    for hidden in ("", "-1"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
        assert _sentences._precision() in ("bfloat16", "float32")


def test_neither_a_card_without_its_torch_nor_a_torch_without_its_card_is_a_gpu(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    for missing in ("version", "libtorch_cuda.so"):
        monkeypatch.setattr(_sentences.Path, "exists", lambda path, missing=missing: path.name != missing)
        assert _sentences._precision() in ("bfloat16", "float32")


def test_a_gpu_reads_every_paper_whole(monkeypatch):
    monkeypatch.setattr(room, "TEACH_ABOVE", 100)
    encoder = CountingEncoder()
    encoder.precision = "float16"
    found = embed(papers(400), encoder)
    assert encoder.n_read == 400
    assert "student" not in found.attrs


def test_a_card_that_torch_cannot_use_is_told():
    import torch

    if torch.cuda.is_available():
        pytest.skip("torch can use the card that is here")
    with pytest.raises(DependencyError, match="CUDA_VISIBLE_DEVICES to -1"):
        _sentences._load_sentence_model(str(_minilm.bundled()), "float16")


@pytest.mark.gpu
def test_vectors_of_the_gpu_are_those_of_the_cpu():
    ours = read(SHOWN)
    if ours["precision"] != "float16":
        pytest.skip("there is no NVIDIA GPU with a torch made for it")
    theirs = read(SHOWN | {"CUDA_VISIBLE_DEVICES": "-1"})
    assert theirs["precision"] != "float16"
    for one, other in zip(ours["rows"], theirs["rows"]):
        assert (np.array(one) * np.array(other)).sum(axis=1).min() > 0.999
