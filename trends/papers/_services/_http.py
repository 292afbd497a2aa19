"""Polite HTTP: requests one by one, tried again where that may help, capped in size, to no strange place.

One transport for all services, because what a service needs is the same everywhere and differs among their
client libraries: a pause between requests, waits that grow, Retry-After, answers that are cut off or
damaged tried again, no end of redirects, a cap on size. The waits are the same in every run; nothing is
drawn by chance.
"""

import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from trends.core.errors import InputError
from trends.papers._clean import clean
from trends.papers._content import parsed_json
from trends.papers._services._service import Again, ServiceError, from_environment

TRIES = 7
FIRST_WAIT = 2.0
"""Seconds before the second try; each further wait is twice as long, 126 seconds in all."""

LONGEST_WAIT = 300.0
"""Seconds that a service may ask to wait (Retry-After); asked for more, the fetch stops and says so."""

LARGEST = 100 * 1024**2
"""Bytes that an answer may have, unpacked."""

SILENCE = 60.0
"""Seconds without a byte after which a try is given up."""

SLOWEST = 600.0
"""Seconds in which an answer must be complete."""

MOST_REDIRECTS = 5

pause = time.sleep

_WORDS = 200
_TITLED = re.compile(r"<(?:summary|title)\b[^<>]*>([^<>]+)<", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_last_request: dict[str, float] = {}

T = TypeVar("T")


class Answer(NamedTuple):
    """An answer's bytes as sent, and the moment at which the service says it sent them."""

    data: bytes
    moment: datetime | None


class Client:
    """Asks one service; `headers` may hold keys, which are sent to that service only and shown nowhere.

    Raises
    ------
    InputError
        The address is not https, nor a machine's own.
    """

    def __init__(self, title: str, address: str, interval: float, headers: Mapping[str, str]) -> None:
        import httpx

        self._title = title
        self._address = self._checked(address)
        own = is_loopback(self._address.host)
        self._interval = 0.0 if own else interval
        self._headers = dict(headers)
        mailto = from_environment("TRENDS_MAILTO")
        plain = {"User-Agent": f"trends (mailto:{mailto})" if mailto else "trends", "Accept-Encoding": "gzip"}
        # A proxy for the outside world does not know the way to this machine.
        self._http = httpx.Client(timeout=SILENCE, headers=plain, trust_env=not own)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: Any) -> None:
        self._http.close()

    def get(self, parameters: Mapping[str, str], read: Callable[[bytes], T]) -> tuple[Answer, T]:
        """Return an answer, and what `read` makes of it, which raises Again where the answer is damaged.

        Raises
        ------
        ServiceError
            The service refuses the request, or gives no usable answer in several tries.
        """
        tried = 0
        while True:
            try:
                answer = self._once(parameters)
                return answer, read(answer.data)
            except Again as failed:
                tried += 1
                if tried == TRIES:
                    raise ServiceError(
                        f"{self._title} ({self._address.host}) gives no usable answer in {TRIES} tries, "
                        f"the last time: {failed.reason}.",
                        failed.keyless,
                    ) from failed
                pause(max(FIRST_WAIT * 2 ** (tried - 1), failed.wait))

    def _once(self, parameters: Mapping[str, str]) -> Answer:
        import httpx

        address = self._address.copy_merge_params(dict(parameters))
        for _ in range(MOST_REDIRECTS + 1):
            # A redirect may lead to another machine, which is no business of the key's.
            same = (address.scheme, address.host, address.port) == self._origin
            try:
                self._keep_distance(address.host)
                with self._http.stream("GET", address, headers=self._headers if same else None) as response:
                    if response.has_redirect_location:
                        address = self._redirected(address, response.headers["Location"])
                        continue
                    return self._received(response)
            except httpx.TimeoutException as error:
                raise Again(f"no answer within {SILENCE:g} seconds") from error
            except httpx.RequestError as error:
                raise Again(self._shown(str(error)) or type(error).__name__) from error
            finally:
                _last_request[address.host] = time.monotonic()
        raise ServiceError(f"{self._title} redirects more than {MOST_REDIRECTS} times.")

    @property
    def _origin(self) -> tuple[str, str, int | None]:
        return self._address.scheme, self._address.host, self._address.port

    def _keep_distance(self, host: str) -> None:
        wait = _last_request.get(host, -self._interval) + self._interval - time.monotonic()
        if wait > 0:
            pause(wait)

    def _redirected(self, address: Any, location: str) -> Any:
        import httpx

        try:
            found = address.join(location)
        except (httpx.InvalidURL, ValueError) as error:
            raise ServiceError(f"{self._title} redirects to no address.") from error
        return self._checked(found, redirected=True)

    def _checked(self, address: Any, redirected: bool = False) -> Any:
        """Return an address as one that may be asked: https, or this machine."""
        import httpx

        try:
            found = httpx.URL(address)
        except (httpx.InvalidURL, TypeError) as error:
            raise InputError(f"The address set for {self._title} is not one; set it as https://…") from error
        if found.host and (found.scheme == "https" or (found.scheme == "http" and is_loopback(found.host))):
            return found
        if redirected:
            where = found.host[:100] or "no machine"
            raise ServiceError(f"{self._title} redirects to {where} without https, which is not followed.")
        raise InputError(f"The address set for {self._title} must begin with https://.")

    def _received(self, response: Any) -> Answer:
        status = response.status_code
        moment = _moment(response.headers.get("Date", ""))
        if status in (408, 425, 429) or status >= 500:
            wait = _retry_after(response.headers.get("Retry-After", ""), moment)
            said = f"HTTP {status} {self._shown(response.reason_phrase)}".rstrip()
            if wait > LONGEST_WAIT:
                raise ServiceError(
                    f"{self._title} answers {said} and asks to wait {_duration(wait)}.", status == 429
                )
            raise Again(said, wait, status == 429)
        data = self._body(response)
        if status >= 300:
            said = self._words(data) or self._shown(response.reason_phrase) or "it gives no reason"
            raise ServiceError(
                f"{self._title} refuses the request (HTTP {status}): {said}.", status in (401, 403)
            )
        if not data.strip():
            raise Again("an empty answer")
        return Answer(data, moment)

    def _body(self, response: Any) -> bytes:
        # Packed twice, a small piece could unpack to any size.
        if "," in response.headers.get("Content-Encoding", ""):
            raise ServiceError(f"{self._title} sends an answer that is packed more than once.")
        began = time.monotonic()
        data = bytearray()
        for piece in response.iter_bytes():
            data += piece
            if len(data) > LARGEST:
                raise ServiceError(
                    f"{self._title} sends an answer of more than {LARGEST / 1024**2:g} MiB; ask for less."
                )
            if time.monotonic() - began > SLOWEST:
                raise Again(f"the answer was not complete after {SLOWEST:g} seconds")
        return bytes(data)

    def _words(self, data: bytes) -> str:
        """Return what an error says of itself: a message in JSON, a summary in Atom, a page's title."""
        text = data[:20_000].decode("utf-8", "replace")
        value = parsed_json(text)
        if isinstance(value, dict):
            texts = (value.get(name) for name in ("message", "error", "detail"))
            text = next((said for said in texts if isinstance(said, str) and said.strip()), "")
        elif titled := _TITLED.findall(text):
            text = titled[-1]
        else:
            text = _TAG.sub(" ", text)
        return self._shown(text)

    def _shown(self, text: str) -> str:
        """Return a text of the service's as it may stand in a message: clean, short, and without our keys."""
        text = clean(text)
        for secret in self._headers.values():
            for part in {secret, secret.removeprefix("Bearer ")}:
                text = text.replace(part, "…").replace(quote(part, safe=""), "…")
        return (text[:_WORDS].rstrip() + "…" if len(text) > _WORDS else text).rstrip(".")


def is_loopback(host: str) -> bool:
    """Say whether a host name or number is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _retry_after(text: str, moment: datetime | None) -> float:
    """Return the seconds that a service asks to wait: given as such, or as a date beside its own."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return float(text)
    until = _moment(text)
    if until is None:
        return 0.0
    return max(0.0, (until - (moment or datetime.now(UTC))).total_seconds())


def _duration(seconds: float) -> str:
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
