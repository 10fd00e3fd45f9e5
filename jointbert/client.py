"""A client of ``jointbert serve``, for plain and for asynchronous code; it needs httpx, of the extra ``serve``."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from jointbert.errors import ConfigError, DataError, MissingExtraError, ServerError, first_line
from jointbert.inference.asked import check_many, checked
from jointbert.utterance import Parse

if TYPE_CHECKING:
    import httpx

LONGEST_WAIT = 30.0
"""The most seconds between two tries, whatever the server says."""

_NOT_OURS = "no answer of `jointbert serve`"
_OTHER = "Look at the address: another server answers there."

AGAIN = frozenset({429, 503})
"""The statuses of a server that may well answer a moment later."""


class _Calls:
    """What both clients have in common: what is sent, when it is tried again, and what becomes of the answer."""

    def __init__(self, url: str, key: str | None, timeout: float, retries: int) -> None:
        _check_url(url)
        if retries < 0:
            raise ConfigError("retries", f"are {retries}", "0 for none, or more", None)
        self._url = url.rstrip("/")
        self._retries = retries
        headers = {"Content-Type": "application/json"}
        if key is not None:
            _check_key(key)
            headers["Authorization"] = f"Bearer {key}"
        self._options: dict[str, Any] = {"base_url": self._url, "timeout": timeout, "headers": headers}

    def _delay(self, tried: int, outcome: httpx.Response | Exception) -> float | None:
        """Seconds until the next try; None where the outcome stands."""
        if tried >= self._retries:
            return None
        said = ""
        if isinstance(outcome, Exception):
            broken = isinstance(outcome, _httpx().TransportError)
            if not broken or isinstance(outcome, _httpx().TimeoutException):
                return None  # whoever waits has waited long enough
        elif outcome.status_code not in AGAIN:
            return None
        else:
            said = outcome.headers.get("Retry-After", "")
        seconds = float(said) if said.isdecimal() else 0.1 * 2.0**tried
        return min(LONGEST_WAIT, seconds) * random.uniform(1.0, 1.25)  # so that not all come again at once

    def _read(self, path: str, outcome: httpx.Response | Exception) -> Any:
        """The JSON of a success.

        Raises:
            ServerError: It is none; the message is the server's.
        """
        where = self._url + path
        if isinstance(outcome, Exception):
            what = f"no answer ({type(outcome).__name__}: {first_line(outcome)})"
            hint = "Start one with: jointbert serve MODEL"
            raise ServerError(where, what, "a running server", hint) from outcome
        try:
            shape = outcome.json()
            if outcome.is_success:
                return shape
            said = shape["error"]["message"]
        except (ValueError, TypeError, KeyError):
            said = _NOT_OURS
        raise ServerError(where, f"{outcome.status_code}: {said}", None, None, outcome.status_code)

    def _object(self, path: str, shape: object) -> dict[str, Any]:
        """What a server answers with: a JSON object.

        Raises:
            ServerError: It is something else; another server answers at this address.
        """
        if isinstance(shape, dict):
            return shape
        raise ServerError(self._url + path, _NOT_OURS, "a JSON object", _OTHER)

    def _parse(self, shape: object) -> Parse:
        """The parse in an answer, or ServerError."""
        try:
            return Parse.from_dict(self._object("/parse", shape))
        except DataError as error:
            what = f"{_NOT_OURS} ({error})"
            raise ServerError(self._url + "/parse", what, "a parse", _OTHER) from error

    def _parses(self, shape: object, count: int) -> list[Parse]:
        """The parses of so many texts in an answer, or ServerError."""
        listed = self._object("/parse", shape).get("parses")
        if not isinstance(listed, list) or len(listed) != count:
            raise ServerError(self._url + "/parse", _NOT_OURS, f"the parses of {count} texts", _OTHER)
        return [self._parse(each) for each in listed]


class Client(_Calls):
    """Parses with a server.

    Args:
        url: The server, such as ``http://localhost:8000``.
        key: One of the server's keys, where it has any.
        timeout: Seconds for one try, from request to answer.
        retries: How many more times a request is tried that found the queue full, or the connection broken.

    Raises:
        ConfigError: The address is none of HTTP; ``retries`` is below 0; or the key holds what no header can carry, and
            the message does not show it.
        MissingExtraError: httpx is not installed.

    Example:
        with Client("http://localhost:8000") as client:
            client.parse("book a table for two in Rome").intent
    """

    def __init__(self, url: str, key: str | None = None, timeout: float = 5.0, retries: int = 3) -> None:
        super().__init__(url, key, timeout, retries)
        self._http = _httpx().Client(**self._options)

    def parse(self, text: str, *, model: str | None = None, ranking: int = 5) -> Parse:
        """What the server's model understands of one text.

        Args:
            text: The text.
            model: The model's name; None for the server's first.
            ranking: How many intents to list.

        Raises:
            DataError: ``text`` is no ``str``.
            ServerError: There was no answer, none but an error, or that of another server.
        """
        return self._parse(self._call("POST", "/parse", _asked(text, model, ranking)))

    def parse_many(self, texts: Sequence[str], *, model: str | None = None, ranking: int = 5) -> list[Parse]:
        """The parses of some texts, in their order; see :meth:`parse`. The server limits how many it takes at once.

        Raises:
            DataError: One of them is no ``str``, or ``texts`` is itself a single one.
            ServerError: There was no answer, none but an error, or that of another server.
        """
        listed = _listed(texts)
        if not listed:
            return []
        asked = {"texts": listed, "model": model, "ranking": ranking}
        return self._parses(self._call("POST", "/parse", asked), len(listed))

    def info(self) -> dict[str, Any]:
        """What the server serves, and within which limits."""
        return self._object("/info", self._call("GET", "/info"))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, method: str, path: str, shape: object = None) -> Any:
        body = None if shape is None else json.dumps(shape)
        for tried in range(self._retries + 1):
            outcome: httpx.Response | Exception
            try:
                outcome = self._http.request(method, path, content=body)
            except _httpx().RequestError as error:
                outcome = error
            delay = self._delay(tried, outcome)
            if delay is None:
                break
            time.sleep(delay)
        return self._read(path, outcome)


class AsyncClient(_Calls):
    """Like :class:`Client`, for asyncio.

    Example:
        async with AsyncClient("http://localhost:8000") as client:
            parse = await client.parse("book a table for two in Rome")
    """

    def __init__(self, url: str, key: str | None = None, timeout: float = 5.0, retries: int = 3) -> None:
        super().__init__(url, key, timeout, retries)
        self._http = _httpx().AsyncClient(**self._options)

    async def parse(self, text: str, *, model: str | None = None, ranking: int = 5) -> Parse:
        """See :meth:`Client.parse`."""
        return self._parse(await self._call("POST", "/parse", _asked(text, model, ranking)))

    async def parse_many(self, texts: Sequence[str], *, model: str | None = None, ranking: int = 5) -> list[Parse]:
        """See :meth:`Client.parse_many`."""
        listed = _listed(texts)
        if not listed:
            return []
        asked = {"texts": listed, "model": model, "ranking": ranking}
        return self._parses(await self._call("POST", "/parse", asked), len(listed))

    async def info(self) -> dict[str, Any]:
        """See :meth:`Client.info`."""
        return self._object("/info", await self._call("GET", "/info"))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _call(self, method: str, path: str, shape: object = None) -> Any:
        body = None if shape is None else json.dumps(shape)
        for tried in range(self._retries + 1):
            outcome: httpx.Response | Exception
            try:
                outcome = await self._http.request(method, path, content=body)
            except _httpx().RequestError as error:
                outcome = error
            delay = self._delay(tried, outcome)
            if delay is None:
                break
            await asyncio.sleep(delay)
        return self._read(path, outcome)


def _check_url(url: str) -> None:
    """Raise ConfigError for what is no address of HTTP."""
    httpx = _httpx()
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        parsed, what = None, f"is {url!r} ({first_line(error)})"
    if parsed is None or parsed.scheme not in ("http", "https") or not parsed.host:
        what = f"is {url!r}" if parsed is not None else what
        raise ConfigError("url", what, "an address such as http://localhost:8000", "Begin it with http:// or https://.")


def _check_key(key: str) -> None:
    """Raise ConfigError for a key that cannot be sent, without showing it."""
    if not key:
        what = "is empty"
    elif key != key.strip():
        what = "begins or ends with white space (a line's end?)"
    elif not (key.isascii() and key.isprintable()):
        what = "holds characters that are no printable ASCII"
    else:
        return
    raise ConfigError("key", what, "one of the server's keys", "Strip it, or leave it out where the server has none.")


def _asked(text: str, model: str | None, ranking: int) -> dict[str, Any]:
    """What is sent for one text, checked like that of ``NLU.parse``."""
    return {"text": checked(0, text), "model": model, "ranking": ranking}


def _listed(texts: Sequence[str]) -> list[str]:
    """The texts as a list, checked like those of ``NLU.parse_many``."""
    check_many("parse_many", texts)
    return [checked(place, text) for place, text in enumerate(texts)]


def _httpx() -> Any:
    """httpx, or MissingExtraError."""
    try:
        import httpx
    except ImportError:
        raise MissingExtraError("serve", "jointbert.client") from None
    return httpx
