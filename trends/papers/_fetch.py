"""Papers from services: answers kept page by page as they were received, then read like any other files.

A page is on disk before the next one is asked for, so a fetch that is stopped anywhere goes on from there,
one parser serves files and fetches, what the service said stays as evidence, and working offline is reading
what is there. Days of Daily Papers are kept one by one, so that ranges that overlap share them. A day is
final once it is over everywhere on earth by the service's own clock; until then it is asked for again.
"""

import dataclasses
import datetime
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm.auto import tqdm

from trends.core import cache
from trends.core.errors import InputError
from trends.core.escape import clean_text, slug
from trends.core.hashing import text_hash
from trends.papers import _dates, _load, _wanted
from trends.papers._services import _arxiv, _hf, _kept, _openalex, _s2
from trends.papers._services._http import Answer, Client
from trends.papers._services._service import Ask, Page, Service, ServiceError

SERVICES: Mapping[str, Service] = {
    service.name: service
    for service in (
        _hf.SERVICE,
        _arxiv.SERVICE,
        _openalex.SERVICE,
        _s2.SERVICE,
    )
}
"""The services by name; a new one is a module with a Service, and a line here."""

_LONGEST_QUERY = 4000
_NO_LIMIT = 10**12
_UNSAFE = re.compile(r"[^\w.+-]+")
# From the start of a day until it has ended on the last meridian.
_OVER = datetime.timedelta(hours=36)


def fetch(
    source: str,
    query: str = "",
    *,
    since: Any = None,
    until: Any = None,
    limit: int | None = None,
    tags: Mapping[str, Any] | str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> pd.DataFrame:
    """Fetch papers from a service into one table; what came before is not asked for again.

    Answers are kept as received in the cache folder ($TRENDS_CACHE, under `fetch`). A fetch that was stopped,
    by an error or a kill, goes on from there when called again. A finished search is a snapshot: calling
    again reads it from disk, `refresh` asks anew. Services are asked at the pace of their terms, and again
    where they are busy or answer badly.

    Parameters
    ----------
    source
        "hf" (Hugging Face Daily Papers, since 2023-05-04), "arxiv", "openalex" or "s2" (Semantic Scholar).
        $TRENDS_HF_URL, $TRENDS_ARXIV_URL, $TRENDS_OPENALEX_URL and $TRENDS_S2_URL name another address of the
        same service; $OPENALEX_API_KEY and $S2_API_KEY hold keys; $TRENDS_MAILTO is an address to reach you.
    query
        In the service's own language: 'cat:cs.LG AND abs:sparse' for arXiv; a text, or a filter such as
        'title_and_abstract.search:sparse attention', for OpenAlex; words with + | - "" for Semantic Scholar.
        Daily Papers have no search: leave it out.
    since, until
        First and last day ("2024", "2024-03", "2024-03-15" or a date): of listing for Daily Papers, where
        since is needed; of submission for arXiv; of publication for the others.
    limit
        At most this many entries, the first in the service's order.
    tags
        The vocabulary for papers without tags, as for `load`.
    offline
        Read what is in the cache and ask nothing.
    refresh
        Ask for everything again.

    Returns
    -------
    pandas.DataFrame
        The papers as `load` returns them; `sources` names the pages. `attrs["reading"]` has a line per page,
        and one on what is missing. `attrs["fetch"]` holds: source, query, since, until (text), n_pages,
        n_asked (pages that were not in the cache), complete (whether all was given that was asked for), as_of
        (the service's time of the oldest answer used, "" when it told none), missing (text, "" for nothing).

    Raises
    ------
    InputError
        A parameter is not as above; the service refuses the query, is out of reach, or has no such papers; or
        nothing of this is in the cache when offline.
    """
    service = SERVICES.get(source) if isinstance(source, str) else None
    if service is None:
        raise InputError(f"There is no source {source!r}; it is one of {', '.join(SERVICES)}.")
    if offline and refresh:
        raise InputError("offline reads the cache and refresh asks anew; choose one of them.")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise InputError(f"limit={limit!r} must be a whole number of at least 1.")
    ask = _asked(service, query, since, until)
    got = _Got(service, ask, limit or _NO_LIMIT)
    with ExitStack() as opened:
        client = None
        if not offline:
            client = opened.enter_context(
                Client(service.title, _address(service), service.interval, service.headers())
            )
        unit = "day" if service.first_day else "paper"
        # Without a terminal there is nobody to watch, and nothing is shown.
        bar = opened.enter_context(tqdm(desc=f"Fetching from {source}", unit=unit, disable=None))
        try:
            if service.first_day:
                _daily(got, client, refresh, bar)
            else:
                _search(got, _searched(service, ask), client, refresh, bar)
        except ServiceError as error:
            raise InputError(_told(error, got)) from error
    return _table(got, tags)


def _asked(service: Service, query: str, since: Any, until: Any) -> Ask:
    """Check what a user asks of a service."""
    if not isinstance(query, str):
        raise InputError(f"query must be a text, not {type(query).__name__}.")
    query = clean_text(query)
    wanted = _wanted.Wanted.of(since, until, None)
    first = wanted.since.date if wanted.since else None
    last = _dates._last_day(wanted.until) if wanted.until else None
    if len(query) > _LONGEST_QUERY:
        raise InputError(f"The query has {len(query):,} characters; services take some {_LONGEST_QUERY:,}.")
    if service.first_day is None:
        if not query and not (service.name != "s2" and (first or last)):
            raise InputError(f"{service.title} needs a query; say what to search for.")
        return Ask(query, first, last)
    if query:
        raise InputError(f"{service.title} cannot be searched; leave the query out and choose days by since.")
    if first is None:
        raise InputError(f"{service.title} needs a first day: since='2025-01-01', or --from 2025-01-01.")
    if last and last < service.first_day:
        raise InputError(f"{service.title} begin on {service.first_day}; choose a later day.")
    return Ask("", max(first, service.first_day), last)


def _address(service: Service) -> str:
    """Return where to ask; one from the environment without a path gets the service's own."""
    import httpx

    given = os.environ.get(service.variable, "").strip()
    if not given:
        return service.address
    try:
        found = httpx.URL(given)
    except httpx.InvalidURL as error:
        raise InputError(
            f"${service.variable} holds no address; set it to one that begins with https://."
        ) from error
    return str(found.copy_with(path=httpx.URL(service.address).path)) if found.path in ("", "/") else given


@dataclasses.dataclass
class _Got:
    """What a fetch has so far."""

    service: Service
    ask: Ask
    limit: int
    pages: list[tuple[Path, _kept.Step]] = dataclasses.field(default_factory=list)
    n_entries: int = 0
    n_asked: int = 0
    missing: str = ""

    def add(self, page: Path, step: _kept.Step) -> None:
        self.pages.append((page, step))
        self.n_entries += step.n_entries

    @property
    def full(self) -> bool:
        return self.n_entries >= self.limit


def _searched(service: Service, ask: Ask) -> _kept.Kept:
    """Return where a search's pages are kept: by what was asked, wherever and with whatever key."""
    key = text_hash(json.dumps([service.name, ask.query, str(ask.since), str(ask.until)]))[:16]
    folder = cache.folder() / "fetch" / f"{service.name}-{slug(ask.query, 'search')}-{key}"
    # At most 48 bytes: file systems count bytes, and a temporary name is longer than its file's.
    words = _UNSAFE.sub(" ", ask.query.replace(":", "-")).encode()[:48].decode("utf-8", "ignore").strip(" .")
    days = f"{ask.since or ''}..{ask.until or ''}" if ask.since or ask.until else ""
    return _kept.Kept(folder, " ".join(part for part in (service.name, words, days) if part), numbered=True)


def _search(got: _Got, kept: _kept.Kept, client: Client | None, refresh: bool, bar: Any) -> None:
    service = got.service
    for page, step in _walk(got, got.ask, kept, client, refresh):
        if service.most and (step.total or 0) > service.most and got.limit > service.most:
            raise ServiceError(
                f"{service.title} gives at most {service.most:,} of the {step.total:,} papers found; narrow "
                "the search with since and until, or set a limit."
            )
        got.add(page, step)
        if step.total:
            bar.total = min(step.total, got.limit)
        bar.update(step.n_entries)
        if step.following is None or got.full:
            return
    got.missing = f"the pages after page {len(got.pages)} are not in the cache"


def _daily(got: _Got, client: Client | None, refresh: bool, bar: Any) -> None:
    """Walk through the days; days that the service's own clock has not reached are not asked for."""
    service = got.service
    folder = cache.folder() / "fetch" / service.name
    last = got.ask.until or (_latest(folder, service.name) if client is None else None)
    if last is not None and got.ask.since is not None:
        bar.total = (last - got.ask.since).days + 1
    absent: list[datetime.date] = []
    today: datetime.date | None = None
    for day in _days(got.ask.since, last):
        if today is not None and day > today:
            if got.ask.until:
                got.missing = f"{day} to {last} are still to come"
            break
        kept = _kept.Kept(folder, f"{service.name} {day}", numbered=False)
        n_asked = got.n_asked
        for page, step in _walk(got, Ask("", day, day), kept, client, refresh):
            got.add(page, step)
            if step.following is None:
                break
        else:
            absent.append(day)
        if got.n_asked > n_asked:
            today = _day(step.answered)
            if today is None and last is None:
                raise ServiceError(
                    f"{service.title} does not say what day it is; name the last day with until."
                )
        bar.update()
        if got.full:
            break
    if absent:
        days = f"{absent[0]} to {absent[-1]}" if len(absent) > 1 else str(absent[0])
        got.missing = f"{len(absent)} day{'s' * (len(absent) > 1)} ({days}) not in the cache"


def _walk(
    got: _Got, ask: Ask, kept: _kept.Kept, client: Client | None, refresh: bool
) -> Iterator[tuple[Path, _kept.Step]]:
    """Yield the pages of a search in order, asking for those not finished; ends where there is none."""
    cursor = got.service.start
    seen = {cursor}
    before = ""
    number = 1
    while True:
        step = None if refresh and number == 1 else kept.step(number, cursor)
        if step is None or not (step.final or client is None):
            if client is None:
                return
            step = _ask(got, ask, kept, client, number, cursor, refresh)
        if step.following in seen or (step.n_entries and step.sha256 == before):
            # Kept as it is, the page would end every later run in the same way.
            kept.forget(after=number - 1)
            raise ServiceError(f"{got.service.title} gives page {number} again and again.")
        yield kept.page(number), step
        if step.following is None:
            return
        cursor, before = step.following, step.sha256
        seen.add(cursor)
        number += 1


def _ask(
    got: _Got, ask: Ask, kept: _kept.Kept, client: Client, number: int, cursor: str, refresh: bool
) -> _kept.Step:
    """Ask for a page and keep it."""
    service = got.service
    parameters = service.parameters(ask, cursor, got.limit - got.n_entries)
    answer, page = client.get(parameters, lambda data: service.read(data, cursor))
    if refresh and number == 1:
        kept.forget(after=1)
    step = _kept.Step(
        cursor=cursor,
        following=page.cursor,
        n_entries=page.n_entries,
        total=page.total,
        sha256=_sha256(answer.data),
        answered=answer.moment.isoformat() if answer.moment else "",
        final=_final(service, ask, number, page, answer),
    )
    kept.keep(number, answer.data, step)
    got.n_asked += 1
    return step


def _final(service: Service, ask: Ask, number: int, page: Page, answer: Answer) -> bool:
    """Say whether an answer holds for good: a day that is over, a search that found anything."""
    if service.first_day is None or ask.since is None:
        return number > 1 or page.n_entries > 0
    start = datetime.datetime.combine(ask.since, datetime.time(), datetime.UTC)
    return answer.moment is not None and answer.moment >= start + _OVER


def _table(got: _Got, tags: Any) -> pd.DataFrame:
    """Read the pages as files; a last page with more entries than the limit leaves is read in part."""
    service, ask = got.service, got.ask
    if not got.pages:
        raise InputError(
            f"Nothing of this is in the cache ({cache.folder() / 'fetch'}); fetch it once without offline."
        )
    if not got.n_entries:
        missing = f" ({got.missing})" if got.missing else ""
        raise InputError(f"{service.title}: no papers found{missing}; try other words or other days.")
    paths = [page for page, step in got.pages if step.n_entries]
    with tempfile.TemporaryDirectory() as folder:
        surplus = got.n_entries - got.limit
        if surplus > 0:
            last, step = next((page, step) for page, step in reversed(got.pages) if step.n_entries)
            left = step.n_entries - surplus
            part = Path(folder) / f"{last.name} (first {left})"
            part.write_bytes(service.first(last.read_bytes(), left))
            paths[-1] = part
        papers = _load.load(*paths, tags=tags)
    if got.missing:
        papers.attrs["reading"].append(_load._line(f"{service.name} {ask.query}".strip(), note=got.missing))
    papers.attrs["fetch"] = {
        "source": service.name,
        "query": ask.query,
        "since": str(ask.since or ""),
        "until": str(ask.until or ""),
        "n_pages": len(got.pages),
        "n_asked": got.n_asked,
        "complete": not got.missing,
        "as_of": min(step.answered for _, step in got.pages),
        "missing": got.missing,
    }
    return papers


def _told(error: ServiceError, got: _Got) -> str:
    """Return a service's error with what to do about it, and what is kept."""
    said = str(error).rstrip(".")
    if error.keyless and got.service.advice and not got.service.headers():
        said += f" ({got.service.advice})"
    if not got.pages:
        return f"{said}."
    pages = f"{len(got.pages):,} page{'s are' if len(got.pages) > 1 else ' is'} kept"
    return f"{said}; {pages}, and the same call goes on from there (refresh begins anew)."


def _days(first: datetime.date | None, last: datetime.date | None) -> Iterator[datetime.date]:
    day = first
    while day is not None and (last is None or day <= last):
        yield day
        day += datetime.timedelta(days=1)


def _latest(folder: Path, prefix: str) -> datetime.date:
    """Return the last day that is in the cache."""
    found = (_day(name.removeprefix(f"{prefix} ")) for name in _kept.names(folder))
    return max((day for day in found if day), default=datetime.date.min)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()
