"""Fetching papers: from services of our own on this machine, which misbehave as the real ones do."""

import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest

from trends import cli
from trends.cli._papers import Source
from trends.core.errors import InputError
from trends.core.tables import PAPERS, check
from trends.papers import _fetch, fetch, load
from trends.papers._services import _arxiv, _http, _openalex, _service

LATER = "Mon, 01 Jun 2026 12:00:00 GMT"
KEY = "k3y-that-nobody/sees"


# --- services of our own -------------------------------------------------------------------------------


class Stub(ThreadingHTTPServer):
    """A service: `answer(parameters)` gives an answer's text; `faults` come first, each once."""

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.asked = []
        self.headers = []
        self.faults = []
        self.date = LATER
        self.closing = threading.Event()
        self.kill = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.closing.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a client that was killed, or gave up


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        parameters = dict(parse_qsl(parts.query))
        self.server.asked.append(parameters)
        self.server.headers.append((parts.path, dict(self.headers)))
        kill = self.server.kill
        if kill is not None:
            kill(len(self.server.asked), "before")
        fault = self.server.faults.pop(0) if self.server.faults else None
        if callable(fault):
            fault(self)
            return
        if fault is None:
            fault = (200, self.server.answer(parameters), {})
        status, text, headers = fault
        data = text.encode()
        self.send_response_only(status)
        for name, value in ({"Date": self.server.date, "Content-Length": str(len(data))} | headers).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if kill is not None:
            self.wfile.write(data[: len(data) // 2])
            kill(len(self.server.asked), "within")
            data = data[len(data) // 2 :]
        self.wfile.write(data)
        if kill is not None:
            kill(len(self.server.asked), "after")

    def log_message(self, *_):
        pass


def slow(handler):
    handler.server.closing.wait(1)


def cut_short(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'[{"paper": ')


def reset(handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()


def redirect(target):
    return (302, "", {"Location": target})


NUMBERS = "one two three four five six seven eight nine ten eleven twelve thirteen".split()


def title(number):
    return f"Sparse Routing Study {' '.join(NUMBERS[int(digit)] for digit in str(number))}"


def day_list(day, n_papers=2):
    """Answer as the Daily Papers do; nothing on the 4th and 5th of a month."""
    if day.endswith(("-04", "-05")):
        return "[]"
    numbers = [int(day.replace("-", "")) * 10 + part for part in range(n_papers)]
    papers = [
        {
            "id": f"{day[2:4]}{day[5:7]}.{number % 100000:05d}",
            "title": title(number),
            "summary": f"Summary {number}.",
            "publishedAt": f"{day}T00:00:00.000Z",
            "upvotes": 3,
            "authors": [{"name": "Ada Example"}],
        }
        for number in numbers
    ]
    return json.dumps([{"paper": paper, "publishedAt": f"{day}T01:00:00.000Z"} for paper in papers])


def hf(parameters):
    return day_list(parameters["date"])


def atom(parameters, n_total=8, entries=None):
    start, size = int(parameters["start"]), int(parameters["max_results"])
    shown = range(start, min(start + size, n_total)) if entries is None else entries
    listed = "".join(
        f"<entry><id>http://arxiv.org/abs/2501.{number:05d}v1</id>"
        f"<published>2025-01-{number + 1:02d}T00:00:00Z</published>"
        f"<updated>2025-02-01T00:00:00Z</updated><title>{title(number)}</title>"
        f"<summary>Summary {number}.</summary><author><name>Ada Example</name></author>"
        '<link href="http://arxiv.org/abs/x" rel="alternate" type="text/html"/>'
        '<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/></entry>'
        for number in shown
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        '<title type="html">ArXiv Query</title><id>http://arxiv.org/api/x</id>'
        '<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"{n_total}</opensearch:totalResults>{listed}</feed>"
    )


def works(parameters, n_total=8):
    cursor, size = parameters["cursor"], int(parameters["per_page"])
    start = 0 if cursor == "*" else int(cursor.removeprefix("c"))
    listed = [
        {
            "id": f"https://openalex.org/W{number + 100}",
            "doi": f"https://doi.org/10.1000/{number}",
            "title": title(number),
            "display_name": title(number),
            "publication_year": 2025,
            "publication_date": f"2025-01-{number + 1:02d}",
            "authorships": [{"author": {"display_name": "Ada Example"}}],
            "abstract_inverted_index": {"Summary": [0], f"{number}.": [1]},
            "primary_location": {"source": {"display_name": "Proceedings"}},
        }
        for number in range(start, min(start + size, n_total))
    ]
    # The last page has a cursor too: only an empty page ends the list.
    following = f"c{start + len(listed)}" if listed else None
    meta = {"count": n_total, "per_page": size, "next_cursor": following}
    return json.dumps({"meta": meta, "results": listed})


def bulk(parameters, n_total=8):
    start = int(parameters.get("token", "T0")[1:])
    listed = [
        {
            "paperId": f"{number:040d}",
            "externalIds": {"DOI": f"10.1000/{number}", "CorpusId": number},
            "title": title(number),
            "abstract": f"Summary {number}.",
            "year": 2025,
            "publicationDate": f"2025-01-{number + 1:02d}",
            "authors": [{"authorId": "1", "name": "Ada Example"}],
            "venue": "Proceedings",
            "fieldsOfStudy": ["Computer Science"],
            "url": f"https://www.semanticscholar.org/paper/{number:040d}",
        }
        for number in range(start, min(start + 3, n_total))
    ]
    token = f"T{start + 3}" if start + 3 < n_total else None
    return json.dumps({"total": n_total, "token": token, "data": listed})


ANSWERS = {"hf": hf, "arxiv": atom, "openalex": works, "s2": bulk}
SEARCHES = [
    ("arxiv", "cat:cs.LG AND abs:sparse", 3),
    ("openalex", "sparse routing", 4),
    ("s2", "sparse routing", 3),
]
N_PAPERS = 8


@pytest.fixture(autouse=True)
def asked_elsewhere(monkeypatch):
    """Fail a test in which any other machine is asked for."""
    elsewhere = []
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def guard(host):
        if not _http.is_loopback(host if isinstance(host, str) else host.decode()):
            elsewhere.append(host)
            raise AssertionError(f"a test asks {host}")

    def guarded_resolve(host, *rest, **more):
        guard(host)
        return resolve(host, *rest, **more)

    def guarded_connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            guard(address[0])
        return connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    yield elsewhere
    assert not elsewhere


@pytest.fixture(autouse=True)
def waits(monkeypatch, tmp_path):
    """Note the waits instead of waiting; use a cache, small pages and no settings of the user's."""
    noted = []
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "cache"))
    for variable in ("OPENALEX_API_KEY", "S2_API_KEY", "TRENDS_MAILTO"):
        monkeypatch.delenv(variable, raising=False)
    for name in _fetch.SERVICES:
        monkeypatch.delenv(f"TRENDS_{name.upper()}_URL", raising=False)
    monkeypatch.setattr(_http, "pause", noted.append)
    monkeypatch.setattr(_arxiv, "_PAGE", 3)
    monkeypatch.setattr(_openalex, "_PAGE", 3)
    return noted


@pytest.fixture
def serve(monkeypatch):
    """Start a service and make it the one that a source asks."""
    started = []

    def start(source, answer=None):
        stub = Stub(answer or ANSWERS[source])
        started.append(stub)
        monkeypatch.setenv(f"TRENDS_{source.upper()}_URL", stub.url)
        return stub

    yield start
    for stub in started:
        stub.close()


def days(stub):
    return [parameters["date"][-2:] for parameters in stub.asked]


def bodies(papers):
    return papers.drop(columns=["sources", "found_at"], errors="ignore")


# --- what comes out ------------------------------------------------------------------------------------


def test_days_come_as_load_reads_them(serve, tmp_path):
    stub = serve("hf")
    papers = fetch("hf", since="2025-01-02", until="2025-01-06")
    check(papers, PAPERS)
    assert stub.asked[0] == {"date": "2025-01-02", "limit": "100"}
    assert stub.headers[0][0] == "/api/daily_papers"
    assert days(stub) == ["02", "03", "04", "05", "06"]
    assert len(papers) == 6
    assert papers["sources"].explode().unique().tolist() == [
        "hf 2025-01-02",
        "hf 2025-01-03",
        "hf 2025-01-06",
    ]
    log = papers.attrs["reading"]
    assert [(line["file"], line["n_present"], line["n_read"]) for line in log] == [
        ("hf 2025-01-02", 2, 2),
        ("hf 2025-01-03", 2, 2),
        ("hf 2025-01-06", 2, 2),
    ]
    for name in ("2025-01-02", "2025-01-03", "2025-01-06"):
        (tmp_path / f"{name}.json").write_text(day_list(name))
    pd.testing.assert_frame_equal(bodies(papers), bodies(load(*tmp_path.glob("*.json"))))
    json.dumps(papers.attrs["fetch"])
    assert papers.attrs["fetch"]["complete"]


@pytest.mark.parametrize(("source", "query", "n_pages"), SEARCHES)
def test_searches_come_page_by_page(serve, source, query, n_pages):
    stub = serve(source)
    papers = fetch(source, query)
    check(papers, PAPERS)
    assert sorted(papers["title"]) == sorted(map(title, range(N_PAPERS)))
    assert set(papers["abstract"]) == {f"Summary {number}." for number in range(N_PAPERS)}
    assert papers["authors"].tolist() == [("Ada Example",)] * N_PAPERS
    assert len(stub.asked) == n_pages
    words = query.replace(":", "-")
    assert [line["file"] for line in papers.attrs["reading"]] == [
        f"{source} {words} page {n}" for n in (1, 2, 3)
    ]
    assert set(papers["sources"].explode()) == {f"{source} {words} page {n}" for n in (1, 2, 3)}
    assert papers.attrs["fetch"]["n_asked"] == n_pages
    again = fetch(source, query)
    assert len(stub.asked) == n_pages
    assert again.attrs["fetch"]["n_asked"] == 0
    assert again.attrs["fetch"]["as_of"] == "2026-06-01T12:00:00+00:00"
    pd.testing.assert_frame_equal(papers, again)


def test_pages_are_kept_as_received(serve, tmp_path):
    serve("hf", lambda parameters: day_list(parameters["date"]) + " \n")
    fetch("hf", since="2025-01-02", until="2025-01-02")
    assert (tmp_path / "cache/fetch/hf/hf 2025-01-02").read_text() == day_list("2025-01-02") + " \n"


@pytest.mark.parametrize(
    ("source", "query", "asked"),
    [
        (
            "arxiv",
            "cat:cs.LG",
            {"search_query": "(cat:cs.LG) AND submittedDate:[202501010000 TO 202503312359]"},
        ),
        ("arxiv", "", {"search_query": "submittedDate:[202501010000 TO 202503312359]"}),
        (
            "openalex",
            "sparse routing",
            {
                "search": "sparse routing",
                "filter": "from_publication_date:2025-01-01,to_publication_date:2025-03-31",
            },
        ),
        (
            "openalex",
            "title_and_abstract.search:sparse routing,type:article",
            {
                "filter": "title_and_abstract.search:sparse routing,type:article,"
                "from_publication_date:2025-01-01,to_publication_date:2025-03-31"
            },
        ),
        (
            "s2",
            "sparse + routing",
            {"query": "sparse + routing", "publicationDateOrYear": "2025-01-01:2025-03-31"},
        ),
    ],
)
def test_ranges_are_asked_in_each_language(serve, source, query, asked):
    stub = serve(source)
    fetch(source, query, since="2025-01", until="2025-03-31")
    assert asked.items() <= stub.asked[0].items()
    assert ("search" in stub.asked[0]) == ("search" in asked)


def test_what_is_asked_of_arxiv_is_stable_and_of_openalex_small(serve):
    arxiv, openalex = serve("arxiv"), serve("openalex")
    fetch("arxiv", "all:sparse")
    fetch("openalex", "GPT: sparse")
    assert {"search_query": "all:sparse", "sortBy": "submittedDate", "sortOrder": "ascending"}.items() <= (
        arxiv.asked[0].items()
    )
    assert [parameters["start"] for parameters in arxiv.asked] == ["0", "3", "6"]
    assert openalex.asked[0]["search"] == "GPT: sparse"
    assert "abstract_inverted_index" in openalex.asked[0]["select"].split(",")
    assert [parameters["cursor"] for parameters in openalex.asked] == ["*", "c3", "c6", "c8"]


@pytest.mark.parametrize(("source", "query", "n_pages"), SEARCHES)
def test_a_limit_is_exact_and_asks_no_more_than_it_needs(serve, source, query, n_pages):
    stub = serve(source)
    few = fetch(source, query, limit=4)
    assert sorted(few["title"]) == sorted(map(title, range(4)))
    assert len(stub.asked) == 2
    assert few.attrs["fetch"]["complete"]
    everything = fetch(source, query)
    assert len(everything) == N_PAPERS
    # What the limit left out is asked for later, and what is there is not.
    assert len({tuple(sorted(parameters.items())) for parameters in stub.asked}) == len(stub.asked)
    n_asked = len(stub.asked)
    assert sorted(fetch(source, query, limit=2)["title"]) == sorted(map(title, range(2)))
    assert len(stub.asked) == n_asked


def test_a_limit_on_days(serve):
    stub = serve("hf")
    papers = fetch("hf", since="2025-01-01", until="2025-01-31", limit=3)
    assert len(papers) == 3
    assert days(stub) == ["01", "02"]
    assert papers["sources"].explode().unique().tolist() == ["hf 2025-01-01", "hf 2025-01-02 (first 1)"]


# --- days that are over, and not -----------------------------------------------------------------------


def test_overlapping_ranges_share_their_days(serve):
    stub = serve("hf")
    fetch("hf", since="2025-01-01", until="2025-01-04")
    fetch("hf", since="2025-01-03", until="2025-01-07")
    assert days(stub) == ["01", "02", "03", "04", "05", "06", "07"]


def test_a_day_that_is_not_over_is_asked_for_again(serve):
    stub = serve("hf")
    # The 7th ends on the last meridian when it is noon of the 8th in Greenwich.
    stub.date = "Wed, 08 Jan 2025 11:59:59 GMT"
    fetch("hf", since="2025-01-06", until="2025-01-07")
    stub.date = "Wed, 08 Jan 2025 12:00:00 GMT"
    fetch("hf", since="2025-01-06", until="2025-01-07")
    fetch("hf", since="2025-01-06", until="2025-01-07")
    assert days(stub) == ["06", "07", "07"]
    assert len(fetch("hf", since="2025-01-06", until="2025-01-07", offline=True)) == 4


def test_days_that_are_still_to_come_are_not_asked_for(serve):
    stub = serve("hf")
    stub.date = "Tue, 07 Jan 2025 09:00:00 GMT"
    papers = fetch("hf", since="2025-01-06", until="2025-01-31")
    assert days(stub) == ["06", "07"]
    assert papers.attrs["fetch"]["missing"] == "2025-01-08 to 2025-01-31 are still to come"
    assert papers.attrs["reading"][-1]["note"] == papers.attrs["fetch"]["missing"]
    # Without a last day the service's own day is the last.
    fetch("hf", since="2025-01-07")
    assert days(stub) == ["06", "07", "07"]
    offline = fetch("hf", since="2025-01-06", offline=True)
    assert offline.attrs["fetch"]["complete"]
    assert len(offline) == 4


def test_a_service_without_a_clock(serve):
    stub = serve("hf")
    stub.date = None
    with pytest.raises(InputError, match="name the last day with until"):
        fetch("hf", since="2025-01-06")
    assert len(fetch("hf", since="2025-01-06", until="2025-01-07")) == 4
    # Nobody knows that the days were over.
    assert days(stub) == ["06", "06", "07"]


def test_a_long_day_has_further_pages(serve, monkeypatch):
    def answer(parameters):
        start = int(parameters.get("p", "0")) * 100
        return json.dumps(json.loads(day_list(parameters["date"], 130))[start : start + 100])

    stub = serve("hf", answer)
    papers = fetch("hf", since="2025-01-06", until="2025-01-06")
    assert [parameters.get("p") for parameters in stub.asked] == [None, "1"]
    assert papers.attrs["reading"][1]["file"] == "hf 2025-01-06 page 2"
    assert len(papers) == 130
    fetch("hf", since="2025-01-06", until="2025-01-06")
    assert len(stub.asked) == 2


def test_no_papers_is_said_and_asked_again(serve):
    stub = serve("s2", lambda parameters: bulk(parameters, n_total=0))
    for n_asked in (1, 2):
        with pytest.raises(InputError, match="Semantic Scholar: no papers found"):
            fetch("s2", "nothing of the kind")
        assert len(stub.asked) == n_asked
    serve("hf")
    with pytest.raises(InputError, match="no papers found"):
        fetch("hf", since="2025-01-04", until="2025-01-05")


# --- services that misbehave ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        (429, "Too many", {}),
        (500, "Oops", {}),
        (503, "<html><title>Down</title></html>", {}),
        (200, "", {}),
        (200, "[{", {}),
        (200, '{"error": "busy"}', {}),
        (200, "<html><title>Maintenance</title></html>", {}),
        (200, "[]", {"Content-Encoding": "gzip"}),
        slow,
        cut_short,
        reset,
    ],
    ids=lambda fault: fault.__name__ if callable(fault) else f"{fault[0]} {fault[1][:6]}",
)
def test_a_passing_fault_costs_a_wait(serve, waits, monkeypatch, fault):
    monkeypatch.setattr(_http, "SILENCE", 0.2)
    stub = serve("hf")
    stub.faults = [fault, fault]
    papers = fetch("hf", since="2025-01-02", until="2025-01-03")
    assert len(papers) == 4
    assert waits == [2.0, 4.0]
    assert days(stub) == ["02", "02", "02", "03"]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0),
        ("0", 2.0),
        ("Mon, 01 Jun 2026 12:00:45 GMT", 45.0),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 2.0),
        ("soon", 2.0),
        ("-5", 2.0),
    ],
)
def test_the_wait_that_a_service_asks_for(serve, waits, asked, waited):
    stub = serve("hf")
    stub.faults = [(429, "", {"Retry-After": asked})]
    fetch("hf", since="2025-01-02", until="2025-01-02")
    assert waits == [waited]


def test_asked_to_wait_for_hours_the_fetch_stops(serve, waits):
    stub = serve("hf")
    stub.answer = lambda parameters: (
        stub.faults.append((429, "", {"Retry-After": "36000"})),
        hf(parameters),
    )[1]
    with pytest.raises(InputError, match=r"HTTP 429.*asks to wait 10 hours; 1 page is kept"):
        fetch("hf", since="2025-01-02", until="2025-01-03")
    assert waits == []


@pytest.mark.parametrize(("source", "query", "n_pages"), SEARCHES)
def test_a_service_that_is_down_keeps_its_pages(serve, waits, source, query, n_pages):
    stub = serve(source)
    first = stub.answer
    stub.answer = lambda parameters: (stub.faults.extend([(500, "", {})] * _http.TRIES), first(parameters))[1]
    with pytest.raises(InputError) as told:
        fetch(source, query)
    message = str(told.value)
    assert (
        "no usable answer in 7 tries, the last time: HTTP 500 Internal Server Error; 1 page is kept"
        in message
    )
    assert ". " not in message
    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    partly = fetch(source, query, offline=True)
    assert len(partly) == 3
    assert not partly.attrs["fetch"]["complete"]
    assert partly.attrs["reading"][-1]["note"] == "the pages after page 1 are not in the cache"
    stub.answer = first
    stub.asked.clear()
    assert len(fetch(source, query)) == N_PAPERS
    assert len(stub.asked) == n_pages - 1


@pytest.mark.parametrize(
    ("status", "text", "told"),
    [
        (
            400,
            '{"error": "Invalid query", "message": "Unknown field: <b>author</b>\\u202e_name."}',
            "Unknown field: author_name.",
        ),
        (404, "<html><head><title>Not here</title></head><body>x</body></html>", "Not here."),
        (
            400,
            "<feed><title>Error</title><entry><summary>incorrect id</summary></entry></feed>",
            "incorrect id.",
        ),
        (403, "", "Forbidden."),
        (400, "word " * 100, "word…"),
        (418, '{"error": {"deep": 1}}', "."),
    ],
)
def test_a_refusal_is_one_sentence_in_the_services_words(serve, waits, status, text, told):
    stub = serve("hf")
    stub.faults = [(status, text, {})]
    with pytest.raises(InputError) as error:
        fetch("hf", since="2025-01-02", until="2025-01-02")
    message = str(error.value)
    assert message.startswith(f"Hugging Face Daily Papers refuses the request (HTTP {status}): ")
    assert told in message
    assert len(message) < 400
    assert waits == []
    assert len(stub.asked) == 1


def test_an_error_feed_of_arxiv_is_a_refusal(serve):
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#malformed</id>'
        "<title>Error</title><summary>malformed query</summary></entry></feed>"
    )
    stub = serve("arxiv", lambda _: text)
    with pytest.raises(InputError, match="arXiv does not accept the query: malformed query"):
        fetch("arxiv", "cat:(")
    assert len(stub.asked) == 1


def test_arxivs_empty_and_short_pages(serve, waits):
    stub = serve("arxiv")

    def answer(parameters):
        n_asked = len(stub.asked)
        if n_asked in (1, 3):
            return atom(parameters, entries=())
        if n_asked == 4:
            return atom(parameters, n_total=0)
        if n_asked == 5:
            return atom(parameters, entries=(3,))
        return atom(parameters)

    stub.answer = answer
    papers = fetch("arxiv", "all:sparse")
    assert sorted(papers["title"]) == sorted(map(title, range(N_PAPERS)))
    assert [parameters["start"] for parameters in stub.asked] == ["0", "0", "3", "3", "3", "4", "7"]
    assert waits == [2.0, 2.0, 4.0]


def test_more_than_arxiv_gives_is_said_at_once(serve):
    stub = serve("arxiv", lambda parameters: atom(parameters, n_total=31000, entries=range(3)))
    with pytest.raises(InputError, match=r"at most 30,000 of the 31,000 papers found; narrow"):
        fetch("arxiv", "cat:cs.LG")
    assert len(stub.asked) == 1


@pytest.mark.parametrize("text", ["<!DOCTYPE f [<!ENTITY a 'b'>]><feed>&a;</feed>", "<feed", "<rss/>", "\0"])
def test_what_is_no_feed_is_tried_again_and_given_up(serve, waits, text):
    stub = serve("arxiv", lambda _: text)
    with pytest.raises(InputError, match="no usable answer in 7 tries"):
        fetch("arxiv", "all:sparse")
    assert len(stub.asked) == 7


def test_cursors_that_repeat_are_refused(serve):
    def endless(parameters):
        value = json.loads(works(parameters | {"cursor": "*"}))
        value["meta"] |= {"next_cursor": "c3", "count": 10**6}
        value["turn"] = parameters["cursor"]
        return json.dumps(value)

    stub = serve("openalex", endless)
    for n_asked in (2, 3):
        with pytest.raises(InputError, match="page 2 again and again; 1 page is kept"):
            fetch("openalex", "sparse")
        assert len(stub.asked) == n_asked


def test_a_page_that_repeats_under_new_cursors_is_refused(serve):
    same = json.dumps([json.loads(day_list("2025-01-02"))[0]] * 100)
    stub = serve("hf", lambda _: same)
    with pytest.raises(InputError, match="page 2 again and again"):
        fetch("hf", since="2025-01-02", until="2025-01-02")
    assert len(stub.asked) == 2


def test_answers_are_capped(serve, monkeypatch):
    monkeypatch.setattr(_http, "LARGEST", 1000)
    stub = serve("hf", lambda parameters: day_list(parameters["date"], 20))
    with pytest.raises(InputError, match=r"more than 0\.0009"):
        fetch("hf", since="2025-01-02", until="2025-01-02")
    stub.faults = [(200, "x", {"Content-Encoding": "gzip, gzip"})]
    with pytest.raises(InputError, match="packed more than once"):
        fetch("hf", since="2025-01-02", until="2025-01-02")
    assert len(stub.asked) == 2


def test_an_answer_that_never_ends_is_given_up(serve, monkeypatch):
    monkeypatch.setattr(_http, "SLOWEST", -1)
    serve("hf")
    with pytest.raises(InputError, match="not complete after"):
        fetch("hf", since="2025-01-02", until="2025-01-02")


# --- redirects, addresses, keys ------------------------------------------------------------------------


def test_redirects_on_this_machine_are_followed_without_the_key(serve, monkeypatch):
    monkeypatch.setenv("S2_API_KEY", KEY)
    other = serve("s2")
    first = serve("s2")
    first.faults = [redirect(f"{other.url}/there?query=x"), redirect("/again?token=T3")]
    papers = fetch("s2", "sparse", limit=2)
    assert len(papers) == 2
    assert other.headers[0][0] == "/there"
    assert first.headers[0][1]["x-api-key"] == KEY
    assert "x-api-key" not in other.headers[0][1]
    # The page after comes from the service itself again, and there the key is sent.
    fetch("s2", "sparse")
    assert [path for path, _ in first.headers[1:3]] == ["/graph/v1/paper/search/bulk", "/again"]
    assert all(headers["x-api-key"] == KEY for _, headers in first.headers)


@pytest.mark.parametrize(
    "target", ["http://example.org/x", "//example.org/x", "ftp://127.0.0.1/x", "https:///x", "file:///x"]
)
def test_other_redirects_are_not(serve, target):
    stub = serve("hf")
    stub.faults = [redirect(target)]
    with pytest.raises(InputError, match="redirects to"):
        fetch("hf", since="2025-01-02", until="2025-01-02")
    assert len(stub.asked) == 1


def test_redirects_end(serve):
    stub = serve("hf")
    stub.faults = [redirect("/round")] * 50
    with pytest.raises(InputError, match="redirects more than 5 times"):
        fetch("hf", since="2025-01-02", until="2025-01-02")
    assert len(stub.asked) == 6


@pytest.mark.parametrize(
    "address", ["http://example.org", "example.org", "https://", "http://[", "ftp://x", "file:///x"]
)
def test_only_https_is_asked(monkeypatch, address):
    monkeypatch.setenv("TRENDS_HF_URL", address)
    with pytest.raises(InputError, match=r"https://|holds no address"):
        fetch("hf", since="2025-01-02", until="2025-01-02")


def test_the_guard_sees_a_request_to_the_outside(asked_elsewhere):
    with pytest.raises(AssertionError, match=r"export\.arxiv\.org"):
        fetch("arxiv", "all:sparse")
    asked_elsewhere.clear()


def test_keys_are_sent_and_shown_nowhere(serve, monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)
    monkeypatch.setenv("TRENDS_MAILTO", "ada@example.org")
    stub = serve("openalex")
    with caplog.at_level(logging.DEBUG):
        papers = fetch("openalex", "sparse")
        stub.faults = [(403, json.dumps({"error": f"The key {KEY} is not known"}), {})]
        with pytest.raises(InputError, match="The key … is not known") as error:
            fetch("openalex", "sparse", refresh=True)
    assert stub.headers[0][1]["Authorization"] == f"Bearer {KEY}"
    assert "ada@example.org" in stub.headers[0][1]["User-Agent"]
    assert stub.asked[0]["mailto"] == "ada@example.org"
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert files
    seen = [str(error.value), caplog.text, json.dumps(papers.attrs), *map(str, files)]
    seen += [path.read_text() for path in files]
    seen += [json.dumps(parameters) for parameters in stub.asked]
    assert not [text for text in seen if "k3y" in text]
    assert "ada@" not in "".join(map(str, files))
    # Another key, or none, is the same search.
    monkeypatch.delenv("OPENALEX_API_KEY")
    n_asked = len(stub.asked)
    fetch("openalex", "sparse")
    assert len(stub.asked) == n_asked


def test_a_key_that_cannot_be_sent_is_not_shown(serve, monkeypatch):
    serve("s2")
    monkeypatch.setenv("S2_API_KEY", "k3y\nX-Other: 1")
    with pytest.raises(InputError, match=r"\$S2_API_KEY") as error:
        fetch("s2", "sparse")
    assert "k3y" not in str(error.value)


def test_without_a_key_a_refusal_says_how_to_get_one(serve):
    stub = serve("openalex")
    stub.faults = [(401, '{"message": "cursor paging needs a key"}', {})]
    with pytest.raises(InputError, match=r"needs a key \(.*\$OPENALEX_API_KEY\)\.$"):
        fetch("openalex", "sparse")


def test_requests_keep_their_distance(serve, waits, monkeypatch):
    stub = serve("hf")
    now = [100.0]
    monkeypatch.setattr(_http, "is_loopback", lambda host: host == "127.0.0.1")
    monkeypatch.setattr(_http.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(_http, "_last_request", {})
    with _http.Client("Test", stub.url, 3.0, {}) as client:
        client._interval = 3.0  # this machine is asked without pause otherwise
        client.get({"date": "2025-01-02"}, len)
        now[0] += 1.0
        client.get({"date": "2025-01-02"}, len)
        now[0] += 5.0
        client.get({"date": "2025-01-02"}, len)
    assert waits == [2.0]
    assert {name: service.interval for name, service in _fetch.SERVICES.items()}["arxiv"] == 3.0


# --- stopping, going on, and two at once ---------------------------------------------------------------


def test_offline_asks_nothing(serve, monkeypatch):
    stub = serve("hf")
    with pytest.raises(InputError, match="Nothing of this is in the cache"):
        fetch("hf", since="2025-01-01", until="2025-01-07", offline=True)
    fetch("hf", since="2025-01-02", until="2025-01-03")
    papers = fetch("hf", since="2025-01-01", until="2025-01-07", offline=True)
    assert days(stub) == ["02", "03"]
    assert len(papers) == 4
    assert papers.attrs["fetch"]["missing"] == "5 days (2025-01-01 to 2025-01-07) not in the cache"
    with pytest.raises(InputError, match="Nothing of this"):
        fetch("arxiv", "never asked", offline=True)


def test_refresh_asks_for_everything_again(serve):
    stub = serve("arxiv")
    fetch("arxiv", "all:sparse")
    stub.answer = lambda parameters: atom(parameters, n_total=5)
    assert len(fetch("arxiv", "all:sparse")) == N_PAPERS
    assert len(fetch("arxiv", "all:sparse", refresh=True)) == 5
    assert len(stub.asked) == 5
    assert len(fetch("arxiv", "all:sparse")) == 5
    assert len(stub.asked) == 5


def test_a_refresh_that_fails_keeps_what_was_there(serve):
    stub = serve("arxiv")
    fetch("arxiv", "all:sparse")
    stub.faults = [(404, "", {})]
    with pytest.raises(InputError):
        fetch("arxiv", "all:sparse", refresh=True)
    assert len(fetch("arxiv", "all:sparse", offline=True)) == N_PAPERS


@pytest.mark.parametrize("damage", ["page cut", "page gone", "step cut", "step gone", "step of another page"])
def test_damaged_pages_are_asked_for_again(serve, tmp_path, damage):
    stub = serve("s2")
    whole = fetch("s2", "sparse")
    folder = next((tmp_path / "cache/fetch").iterdir())
    page = folder / "s2 sparse page 2"
    step = folder / ".steps/s2 sparse page 2.json"
    at = page if "page" in damage.split()[0] else step
    if "cut" in damage:
        at.write_bytes(at.read_bytes()[:-20])
    elif "gone" in damage:
        at.unlink()
    else:
        at.write_text(step.read_text().replace('"T3"', '"T6"'))
    stub.asked.clear()
    pd.testing.assert_frame_equal(fetch("s2", "sparse"), whole)
    assert [parameters.get("token") for parameters in stub.asked] == ["T3"]


ZYGOTE = """
import os, socket, sys
from trends.papers import fetch
from trends.papers._services import _arxiv, _http
import httpx
resolve = socket.getaddrinfo
def guarded(host, *rest, **more):
    if not _http.is_loopback(host):
        os._exit(99)
    return resolve(host, *rest, **more)
socket.getaddrinfo = guarded
_arxiv._PAGE = 1
_http.TRIES = 1
for line in sys.stdin:
    n_runs, url, folder, source, query, since, until = line.rstrip("\\n").split("|")
    os.environ[f"TRENDS_{source.upper()}_URL"], os.environ["TRENDS_CACHE"] = url, folder
    pids = []
    for _ in range(int(n_runs)):
        pid = os.fork()
        if pid == 0:
            fetch(source, query, since=since or None, until=until or None)
            os._exit(0)
        pids.append(pid)
    print(*pids, flush=True)
    print(*[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids], flush=True)
"""


@pytest.fixture
def runs():
    """Run fetches in processes of their own; give their ids, and then how they ended."""
    if not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    # One process imports everything once and forks the runs.
    parent = subprocess.Popen(
        [sys.executable, "-c", ZYGOTE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def read():
        return [int(word) for word in parent.stdout.readline().split()]

    def run(n_runs, source, query="", since="", until="", started=lambda pids: None):
        where = os.environ[f"TRENDS_{source.upper()}_URL"], os.environ["TRENDS_CACHE"]
        parent.stdin.write("|".join([str(n_runs), *where, source, query, since, until]) + "\n")
        parent.stdin.flush()
        started(read())
        return read()

    yield run
    parent.stdin.close()
    parent.wait(timeout=30)
    parent.stdout.close()


@pytest.mark.parametrize(
    ("source", "query", "since", "until"),
    [
        ("hf", "", "2025-01-06", "2025-01-25"),
        ("arxiv", "all:sparse", "", ""),
    ],
)
def test_killed_anywhere_it_goes_on(serve, runs, monkeypatch, tmp_path, source, query, since, until):
    """Five kills for each of two services, at points drawn with a fixed seed."""
    monkeypatch.setattr(_arxiv, "_PAGE", 1)
    draw = random.Random(f"points of {source}")
    stub = serve(source, hf if source == "hf" else lambda parameters: atom(parameters, n_total=20))
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "killed"))
    finished = set()

    def name(parameters):
        return parameters.get("date") or parameters["start"]

    for _ in range(5):
        stub.asked.clear()
        at, phase, delay = (
            draw.randint(1, 2),
            draw.choice(["before", "within", "after"]),
            draw.random() * 0.004,
        )
        known, pid = threading.Event(), []

        def kill(number, now, at=at, phase=phase, delay=delay, known=known, pid=pid):
            if number == at and now == phase:
                known.wait(10)
                time.sleep(delay)
                os.kill(pid[0], signal.SIGKILL)

        def started(pids, known=known, pid=pid):
            pid += pids
            known.set()

        stub.kill = kill
        ended = runs(1, source, query, since, until, started)
        assert ended == [-signal.SIGKILL]
        assert not finished & set(map(name, stub.asked)), "a finished page was asked for again"
        finished = {
            json.loads(step.read_text())["cursor"] if source == "arxiv" else step.stem[3:]
            for step in (tmp_path / "killed").rglob(".steps/[!.]*.json")
        }
    stub.kill = None
    stub.asked.clear()
    resumed = fetch(source, query, since=since or None, until=until or None)
    assert not finished & set(map(name, stub.asked))
    assert len(finished) + len(stub.asked) == 20
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "undisturbed"))
    undisturbed = fetch(source, query, since=since or None, until=until or None)
    pd.testing.assert_frame_equal(resumed, undisturbed)
    assert resumed.attrs["reading"] == undisturbed.attrs["reading"]


def test_two_at_once_do_not_disturb_each_other(serve, runs, monkeypatch, tmp_path):
    monkeypatch.setattr(_arxiv, "_PAGE", 1)
    stub = serve("arxiv")
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "shared"))
    assert runs(3, "arxiv", "all:sparse") == [0, 0, 0]
    n_asked = len(stub.asked)
    assert max(Counter(parameters["start"] for parameters in stub.asked).values()) <= 3
    papers = fetch("arxiv", "all:sparse")
    assert len(papers) == N_PAPERS
    assert len(stub.asked) == n_asked
    assert not [path for path in (tmp_path / "shared").rglob(".*") if path.is_file()]


# --- parameters, and the command -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "query", "more", "told"),
    [
        ("pubmed", "x", {}, "one of hf, arxiv, openalex, s2"),
        (None, "x", {}, "There is no source None"),
        ("hf", "sparse", {"since": "2025-01-01"}, "cannot be searched"),
        ("hf", "", {}, "needs a first day"),
        ("hf", "", {"since": "2020", "until": "2021"}, "begin on 2023-05-04"),
        ("hf", "", {"since": "soon"}, "since='soon'"),
        ("hf", "", {"since": "2025-02-01", "until": "2025-01-01"}, "later than"),
        ("arxiv", " \u202e ", {}, "needs a query"),
        ("s2", "", {"since": "2025"}, "needs a query"),
        ("s2", "x" * 5000, {}, "5,000 characters"),
        ("s2", 7, {}, "must be a text"),
        ("s2", "x", {"limit": 0}, "limit=0"),
        ("s2", "x", {"limit": True}, "limit=True"),
        ("s2", "x", {"limit": 2.5}, "limit=2.5"),
        ("s2", "x", {"offline": True, "refresh": True}, "choose one"),
    ],
)
def test_parameters_are_checked_before_anything_is_asked(source, query, more, told):
    with pytest.raises(InputError, match=told):
        fetch(source, query, **more)


@pytest.mark.parametrize(
    "query", ["../../x", 'a/b\\c:d*?<>|"', "稀疏" * 60, "𠀀" * 60, "x" * 300, ".", "CON", "a\udcffb"]
)
def test_any_query_makes_a_file_name(serve, tmp_path, query):
    serve("s2")
    papers = fetch("s2", query, since="2025-01-01", until="2025-01-31")
    assert len(papers) == N_PAPERS
    (folder,) = (tmp_path / "cache/fetch").iterdir()
    pages = [path for path in folder.iterdir() if path.is_file()]
    assert len(pages) == 3
    for page in pages:
        assert page.name.startswith("s2 ")
        assert not set(page.name) & set('/\\:*?"<>|')
        assert len(page.name.encode()) < 120


def test_queries_that_look_alike_do_not_meet(serve):
    stub = serve("s2")
    fetch("s2", "x" * 60 + "a")
    fetch("s2", "x" * 60 + "b")
    fetch("s2", "x" * 60 + "b", since="2025")
    assert len(stub.asked) == 9


def test_every_service_is_complete():
    for name, service in _fetch.SERVICES.items():
        assert service.name == name
        assert service.address.startswith("https://")
        assert service.interval > 0
        assert service.variable == f"TRENDS_{name.upper()}_URL"
    assert list(_fetch.SERVICES) == [source.value for source in Source]


def test_reading_an_answer_never_fails_otherwise():
    texts = [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b"7",
        b'{"data": 7}',
        b'{"results": []}',
        b'{"meta": 1, "results": [1]}',
    ]
    texts += [b"[" * 100_000, b"\xff\xfe", b'{"data": [1], "token": 7}', b"<feed/>", b'{"total": 0}']
    for service in _fetch.SERVICES.values():
        for text in texts:
            try:
                page = service.read(text, service.start)
            except (_service.Again, InputError):
                continue
            assert page.n_entries >= 0
            assert page.cursor is None or isinstance(page.cursor, str)


@pytest.fixture
def trends(monkeypatch, capsys):
    """Run a command in this process; give its exit code, output and messages."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["trends", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        code = stopped.value.code
        return 0 if code is None else code, out, err

    return run


def test_the_command(serve, trends, tmp_path):
    stub = serve("hf")
    target = tmp_path / "papers.parquet"
    code, out, err = trends("fetch", "hf", "--from", "2025-01-02", "--to", "2025-01-03", "-o", target)
    assert (code, out.strip()) == (0, str(target))
    assert err.splitlines()[-1] == f"Next: trends report {target}"
    assert len(load(target)) == 4
    code, _, err = trends(
        "fetch", "hf", "--from", "2025-01-02", "--to", "2025-01-08", "--offline", "-o", target
    )
    assert code == 0
    assert "Warning: not complete: 5 days (2025-01-04 to 2025-01-08) not in the cache." in err
    assert "All from the cache, as of 2026-06-01; --refresh asks anew." in err
    stub.faults = [(404, '{"error": "gone"}', {})]
    code, out, err = trends("fetch", "hf", "--from", "2025-01-09", "-o", tmp_path / "none.parquet")
    assert (code, out) == (2, "")
    assert err == "Error: Hugging Face Daily Papers refuses the request (HTTP 404): gone.\n"
    assert not (tmp_path / "none.parquet").exists()
    assert trends("fetch", "elsewhere")[0] == 2


def test_the_command_with_a_query_and_a_limit(serve, trends, tmp_path):
    stub = serve("s2")
    code, _, _ = trends("fetch", "s2", "sparse routing", "--limit", 2, "-o", tmp_path / "p.jsonl")
    assert code == 0
    assert stub.asked[0]["query"] == "sparse routing"
    assert len(load(tmp_path / "p.jsonl")) == 2
    trends("fetch", "s2", "sparse routing", "--limit", 2, "--refresh", "-o", tmp_path / "p.jsonl")
    assert len(stub.asked) == 2


# --- recorded answers ----------------------------------------------------------------------------------


@pytest.mark.data
def test_recorded_days(serve, shared_data, tmp_path):
    recorded = {path.stem: path for path in (shared_data / "hf_daily" / "days").glob("*.json")}
    serve("hf", lambda parameters: recorded[parameters["date"]].read_text(encoding="utf-8"))
    for day, path in sorted(recorded.items()):
        served = fetch("hf", since=day, until=day)
        pd.testing.assert_frame_equal(bodies(served), bodies(load(path)))
        assert (tmp_path / f"cache/fetch/hf/hf {day}").read_bytes() == path.read_bytes()


@pytest.mark.data
@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("openalex", "openalex-sample_response.json"),
        ("s2", "semanticscholar-relevance_search_response.json"),
        ("arxiv", "arxiv-sample_response.xml"),
        ("arxiv", "arxiv-api-search.xml"),
    ],
)
def test_recorded_answers_of_searches(serve, shared_data, source, name):
    path = shared_data / "exports" / "findpapers" / name
    n_entries = path.read_bytes().count(b"<entry>")

    def answer(parameters):
        if parameters.get("start", "0") == "0":
            return path.read_text(encoding="utf-8")
        return atom(parameters, n_total=n_entries)

    stub = serve(source, answer)
    stub.faults = [(503, "", {})]
    served = fetch(source, "recorded", limit=n_entries or None)
    pd.testing.assert_frame_equal(bodies(served), bodies(load(path)))
