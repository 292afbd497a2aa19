"""One question to an OpenAI-compatible endpoint: a bounded answer in a bounded time, or a reason why not.

The key is read from the environment when a question is put, sent to the one address it is for, and written
nowhere. What an endpoint says of its errors is not repeated: it may hold the key or the titles.
"""

import ipaddress
import json
import os
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from trends.core.errors import InputError

FIRST_WAIT = 1.0
"""Seconds before the second try; each further wait is twice as long."""

LONGEST_WAIT = 60.0
"""Seconds that an endpoint may ask to wait (Retry-After); asked for more, nothing more is asked of it."""

PATIENCE = 2
"""After so many questions in a row without an answer no more are put: the next would wait as long."""

LARGEST = 1024**2
"""Bytes that an answer may have."""

SECRET = 8
"""Characters from which a key is one; endpoints that take any are given "x" or "none"."""

pause = time.sleep


@dataclass(frozen=True)
class LLM:
    """A language model behind an OpenAI-compatible endpoint, for `label` to ask for names.

    Parameters
    ----------
    url
        The address before `/chat/completions`, such as "https://api.openai.com/v1" or, on this machine,
        "http://localhost:11434/v1". Titles and terms of the papers are sent there.
    model
        The model's name at that endpoint.
    key_env
        The environment variable that holds the key; "" where the endpoint takes none. The key itself is
        read when a question is put, and kept nowhere.
    temperature
        0 to 2; None leaves it out, for models that refuse one.
    timeout
        Seconds in which an answer must be there.
    tries
        How often a question is put to an endpoint that is busy or breaks off, at least 1.

    Raises
    ------
    InputError
        The address is not https (http is for this machine, or without a key), or holds a password, or an
        option is not one of its values.
    """

    url: str
    model: str
    key_env: str = "OPENAI_API_KEY"
    temperature: float | None = 0
    timeout: float = 60
    tries: int = 3

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(?:[A-Za-z_][A-Za-z0-9_]*)?", self.key_env):
            # Somebody may have put the key here, so it is not shown.
            raise InputError("key_env takes the name of an environment variable, not the key itself.")
        if not self.model.strip() or not self.model.isprintable():
            raise InputError("model takes the name of a model at the endpoint, such as 'gpt-4o-mini'.")
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise InputError(f"temperature must lie between 0 and 2, or be None, not {self.temperature!r}.")
        if not 0 < self.timeout < float("inf"):
            raise InputError(f"timeout must be a number of seconds above 0, not {self.timeout!r}.")
        if self.tries < 1:
            raise InputError(f"tries must be at least 1, not {self.tries!r}.")
        _check_address(self.url, with_key=bool(self.key_env))


class Unanswered(Exception):
    """A question has no answer: `again` where another try may bring one, `final` where none ever will."""

    def __init__(self, reason: str, *, again: bool = False, final: bool = False, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.final = final
        self.wait = wait


class Endpoint:
    """Puts questions to the model one by one; opens no connection before the first."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self._http: Any = None
        self._key = ""
        self._in_a_row = 0
        self._silent = ""

    def __enter__(self) -> "Endpoint":
        return self

    def __exit__(self, *_: Any) -> None:
        if self._http is not None:
            self._http.close()

    def ask(self, body: str) -> str:
        """Return the text of the model's reply.

        Raises
        ------
        Unanswered
            There is none, or nothing more is asked because too many before it had none.
        """
        if self._silent:
            raise Unanswered(self._silent)
        try:
            reply = self._tried(body)
        except Unanswered as failed:
            self._in_a_row += 1
            if failed.final or self._in_a_row == PATIENCE:
                self._silent = failed.reason
            raise
        self._in_a_row = 0
        return reply

    def without_key(self, text: str) -> str:
        """Return a text that is to be kept, or raise `Unanswered` because the key stands in it."""
        if len(self._key) >= SECRET and self._key in text:
            raise Unanswered("the answer repeats the key")
        return text

    def _tried(self, body: str) -> str:
        if self._http is None:
            self._open()
        for n_before in range(self._llm.tries):
            try:
                return self._once(body)
            except Unanswered as failed:
                if not failed.again or n_before == self._llm.tries - 1:
                    raise
                pause(max(FIRST_WAIT * 2**n_before, failed.wait))
        raise AssertionError("an endpoint is tried at least once")

    def _open(self) -> None:
        import httpx

        own = _is_loopback(httpx.URL(self._llm.url).host)
        # Unpacked a small answer could have any size, so none is to be packed.
        headers = {"User-Agent": "trends", "Accept-Encoding": "identity", "Content-Type": "application/json"}
        variable = self._llm.key_env
        self._key = os.environ.get(variable, "").strip() if variable else ""
        if not (self._key.isascii() and self._key.isprintable()):
            raise Unanswered(f"${variable} holds characters that cannot be sent", final=True)
        if variable and not self._key and not own:
            raise Unanswered(f"no key in ${variable}", final=True)
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            # A proxy for the outside world does not know the way to this machine.
            self._http = httpx.Client(timeout=self._llm.timeout, headers=headers, trust_env=not own)
        except Exception as error:  # whatever is wrong with the proxies or certificates set here
            raise Unanswered(f"no connection can be set up, {type(error).__name__}", final=True) from error

    def _once(self, body: str) -> str:
        import httpx

        address = self._llm.url.rstrip("/") + "/chat/completions"
        try:
            # Redirects are not followed: the key is for this address.
            with self._http.stream("POST", address, content=body.encode()) as response:
                return _reply(self._received(response))
        except httpx.TimeoutException as error:
            raise self._late() from error
        except httpx.ConnectError as error:
            raise Unanswered("no connection", again=True) from error
        except httpx.RequestError as error:
            raise Unanswered("the answer breaks off", again=True) from error

    def _late(self) -> Unanswered:
        return Unanswered(f"no answer within {self._llm.timeout:g} seconds", again=True)

    def _received(self, response: Any) -> bytes:
        status = response.status_code
        said = f"HTTP {status}"
        if status in (408, 425, 429) or status >= 500:
            wait = _retry_after(response.headers.get("Retry-After", ""), response.headers.get("Date", ""))
            if wait > LONGEST_WAIT:
                raise Unanswered(f"{said}, to be asked later", final=True)
            raise Unanswered(said, again=True, wait=wait)
        if status >= 300:
            # What is wrong with one question need not be with the next; the rest is wrong for all.
            raise Unanswered(said, final=status not in (400, 413, 422))
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Unanswered("the answer is packed", final=True)
        began = time.monotonic()
        data = bytearray()
        for piece in response.iter_raw():
            data += piece
            if len(data) > LARGEST:
                raise Unanswered(f"an answer of more than {LARGEST // 1024} KiB")
            if time.monotonic() - began > self._llm.timeout:
                raise self._late()
        return bytes(data)


def _reply(data: bytes) -> str:
    """Return the text of a chat completion."""
    try:
        choice = json.loads(data)["choices"][0]
        content, ended = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Unanswered("the answer is no chat completion", again=True) from error
    if ended == "length":
        # Not an answer and so not kept: a larger limit at the endpoint mends it.
        raise Unanswered("the model was cut short")
    if not isinstance(content, str) or not content.strip():
        raise Unanswered("the model says nothing")
    return content


def _check_address(url: str, with_key: bool) -> None:
    """Refuse an address that would show a key or the titles to others on the way."""
    import httpx

    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        found = httpx.URL()
    # Where a host is none ("https://[", "http://a b"), httpx writes it in percent signs.
    if found.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:-]+", found.host):
        raise InputError("url takes an endpoint's address, such as 'https://api.openai.com/v1'.")
    if found.userinfo or found.query or found.fragment:
        # Such parts may hold a key, so the address is not shown.
        raise InputError(
            "url takes an address without a password, ? or #; name the key's variable in key_env."
        )
    if found.scheme == "http" and with_key and not _is_loopback(found.host):
        raise InputError(
            "url must begin with https://, so that nobody on the way can read the key; "
            "http:// is for this machine, or with key_env='' for an endpoint that takes no key."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(text: str, date: str) -> float:
    """Return the seconds that an endpoint asks to wait, given as such or as a date beside its own."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(date)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
