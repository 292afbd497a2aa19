"""Papers looked up at a service, by id in batches, else by title; answers are kept as those of `fetch` are.

A title is asked for as a phrase of its words, several in one request, as all three services understand "or".
Semantic Scholar is asked by title only: it looks up ids by POST, which the common transport does not do.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping

import pandas as pd
from tqdm.auto import tqdm

from trends.core.errors import InputError
from trends.papers import _fetch, _load
from trends.papers._matching import Papers
from trends.papers._services._http import Client
from trends.papers._services._service import Ask, Service, ServiceError

_N_IDS = 50
_N_TITLES = 10
_FEW_WORDS = 3
_MOST_WORDS = 40
_MOST_FOUND = 100
_BY_ID = "id_list="
_WORD = re.compile(r"[^\W_]+")
_PLAIN_DOI = re.compile(r"[^,|\s]+")

_TITLES: Mapping[str, Callable[[list[str]], str]] = {
    "arxiv": lambda phrases: " OR ".join(f"ti:{phrase}" for phrase in phrases),
    "openalex": lambda phrases: f"title.search:({' OR '.join(phrases)})",
    "s2": lambda phrases: " | ".join(phrases),
}


def known(source: object) -> bool:
    """Say whether papers can be looked up there."""
    return isinstance(source, str) and source in _TITLES


def title(source: str) -> str:
    """Return a service's name for readers."""
    return _fetch.SERVICES[source].title


def find(source: str, papers: Papers, positions: list[int]) -> pd.DataFrame | None:
    """Return what a service knows of some papers, and of others like them; None where it knows none.

    Raises
    ------
    InputError
        The service refuses a request or is out of reach; what it answered before is kept.
    """
    service = _fetch.SERVICES[source]
    asks = list(_asks(service, papers, positions))
    pages = []
    with (
        Client(service.title, _fetch._address(service), service.interval, service.headers()) as client,
        tqdm(desc=f"Looking up at {source}", unit="paper", disable=None) as bar,
    ):
        for asked, query in asks:
            ask = Ask(query, None, None)
            got = _fetch._Got(asked, ask, _MOST_FOUND)
            try:
                _fetch._search(got, _fetch._searched(asked, ask), client, False, bar)
            except ServiceError as error:
                raise InputError(_fetch._told(error, got)) from error
            pages += [page for page, step in got.pages if step.n_entries]
    return _load.load(*pages) if pages else None


def _asks(service: Service, papers: Papers, positions: list[int]) -> Iterator[tuple[Service, str]]:
    """Yield the requests: the service, by id where it needs another way of asking, and the query."""
    ids: set[str] = set()
    phrases: set[str] = set()
    for position in positions:
        own = _id(service.name, papers, position)
        words = _WORD.findall(papers.titles[position])[:_MOST_WORDS]
        if own:
            ids.add(own)
        elif words:
            phrases.add(f'"{" ".join(words)}"')
    for some in _batches(sorted(ids), _N_IDS):
        if service.name == "arxiv":
            yield dataclasses.replace(service, parameters=_by_id), _BY_ID + ",".join(some)
        else:
            yield service, f"doi:{'|'.join(some)}"
    # The hits of a short title would crowd out those of the others.
    short = [phrase for phrase in sorted(phrases) if phrase.count(" ") < _FEW_WORDS]
    for some in [
        *_batches(short, 1),
        *_batches([phrase for phrase in sorted(phrases) if phrase not in set(short)], _N_TITLES),
    ]:
        yield service, _TITLES[service.name](some)


def _id(name: str, papers: Papers, position: int) -> str:
    """Return the id that a service knows a paper by, or ""."""
    key = papers.keys[position]
    if name == "arxiv":
        return key.arxiv_id
    if name == "openalex" and _PLAIN_DOI.fullmatch(key.doi):
        return key.doi
    return f"10.48550/arxiv.{key.arxiv_id}" if name == "openalex" and key.arxiv_id else ""


def _by_id(ask: Ask, cursor: str, wanted: int) -> Mapping[str, str]:
    return {
        "id_list": ask.query.removeprefix(_BY_ID),
        "start": cursor,
        "max_results": str(min(_MOST_FOUND, wanted)),
    }


def _batches(values: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
