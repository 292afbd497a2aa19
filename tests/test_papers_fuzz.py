"""Damaged files of every format: only InputError escapes from a reader, and every entry is accounted for."""

import importlib.util
import random
from pathlib import Path

import pytest

from trends.core.errors import InputError
from trends.papers import _merge, load
from trends.papers._content import Content
from trends.papers._formats import FORMATS
from trends.papers._record import Record, Rejected

SPEC = importlib.util.spec_from_file_location(
    "fuzz", Path(__file__).resolve().parents[1] / "benchmarks" / "fuzz.py"
)
fuzz = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(fuzz)

PLAIN = {
    "RefWorks": "RT Journal Article\nA1 Moth,Ada\nT1 Kites\nYR 2019\nRT Book\nT1 More\nYR 2020\n",
    "Cochrane": "Record #1 of 2\nID: CN-1\nAU: Moth A\nTI: Kites\nYR: 2019\n\nRecord #2 of 2\nID: CN-2\n",
    "Ovid or Embase text": "<1>\nTitle\n  Kites.[Article]\nAuthor\n  Moth, A 1;  Gull, B 1\n",
    "Zotero RDF": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:bib="http://purl.org/net/biblio#" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<bib:Article rdf:about="#a"><dc:title>Kites</dc:title></bib:Article></rdf:RDF>',
}
SEEDS = fuzz.seeds() | {name: text.encode() for name, text in PLAIN.items()}
N_DAMAGED = 150

# Without entries of their own: ids only, and what is unpacked before a format looks at it.
BARE = {"PubMed search", "zip"}

REGRESSIONS = {
    "a column of an Arrow file whose name is no text": SEEDS["Arrow"].replace(b"title", b"tit\xffe")
}


def read(data):
    """Read by every format that recognises a file; return what came out, cleaned."""
    content = Content.of("fuzz", data)
    found = []
    for known in FORMATS:
        try:
            if known.recognise(content):
                records = list(known.read(content))
                assert all(isinstance(record, Record | Rejected) for record in records)
                found += [r if isinstance(r, Rejected) else _merge.entry(r, "fuzz") for r in records]
        except InputError as error:
            assert "\n" not in str(error)
    return found


@pytest.mark.parametrize("name", sorted(SEEDS.keys() - BARE))
def test_the_whole_file_is_read(name):
    assert any(isinstance(found, _merge.Entry) and found.title for found in read(SEEDS[name]))


def test_every_format_has_a_file():
    recognised = set()
    for data in SEEDS.values():
        content = Content.of("fuzz", data)
        recognised |= {known.name for known in FORMATS if known.recognise(content)}
    assert recognised == {known.name for known in FORMATS}


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_a_damaged_file_gives_entries_or_one_sentence(name):
    draw = random.Random(name)
    for _ in range(N_DAMAGED):
        read(fuzz.mutated(SEEDS[name], draw))


def test_load_accounts_for_every_entry_of_damaged_files(tmp_path):
    draw = random.Random(0)
    for number, (name, data) in enumerate(sorted(SEEDS.items())):
        (tmp_path / f"{number} {name}").write_bytes(fuzz.mutated(data, draw))
    papers = load(tmp_path)
    reading = papers.attrs["reading"]
    assert len({line["file"].split("/")[0] for line in reading}) == len(SEEDS)
    assert all(line["n_present"] or line["note"] for line in reading)
    assert sum(line["n_read"] for line in reading) == papers["found_at"].map(len).sum()


@pytest.mark.parametrize("name", sorted(REGRESSIONS))
def test_what_the_fuzzer_found_stays_mended(name):
    read(REGRESSIONS[name])
