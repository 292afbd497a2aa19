"""The answer of a PubMed search (esearch), which has ids and no papers: known so as to say what to do."""

from collections.abc import Iterator

from trends.core.errors import InputError
from trends.papers._content import Content
from trends.papers._formats._json_items import at
from trends.papers._record import Format, Record, Rejected


def _recognise(content: Content) -> bool:
    return '"esearchresult"' in content.start[:5000] and isinstance(at(content.json, "esearchresult"), dict)


def _read(content: Content) -> Iterator[Record | Rejected]:
    raise InputError(
        f"{content.name} is a PubMed search result with ids only; fetch the records themselves (efetch) as "
        "MEDLINE text or XML."
    )


FORMAT = Format("PubMed search", _recognise, _read)
