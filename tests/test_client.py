"""The client: parses like the model itself, waits and tries again where that helps, and says what went wrong."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import tiny
from serving import KEY, Server, serving

from jointbert import client as module
from jointbert.client import LONGEST_WAIT, AsyncClient, Client
from jointbert.errors import ConfigError, DataError, MissingExtraError, ServerError
from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse

TEXTS = ["book a flight from boston", "帮我订12月3号的票 🚄", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    keys = tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text(KEY)
    with serving(folder, "--api-key-file", keys) as found:
        yield found


def same(found: Parse, wanted: Parse) -> bool:
    """Whether two parses agree, up to the rounding of sums in other batches."""
    places = [[(span.slot, span.start, span.end) for span in parse.spans] for parse in (found, wanted)]
    near = found.intent_confidence == pytest.approx(wanted.intent_confidence, abs=1e-4)
    return near and (found.text, found.intent, places[0]) == (wanted.text, wanted.intent, places[1])


def test_parses_are_those_of_the_model(server: Server, folder: Path) -> None:
    wanted = NLU.load(folder).parse_many(TEXTS)
    with Client(server.url + "/", KEY) as client:
        assert same(client.parse(TEXTS[0]), wanted[0])
        assert all(map(same, client.parse_many(TEXTS, model="tiny"), wanted))
        assert len(client.parse(TEXTS[0], ranking=1).ranking) == 1
        assert [model["name"] for model in client.info()["models"]] == ["tiny"]


def test_the_asynchronous_client_does_the_same(server: Server, folder: Path) -> None:
    wanted = NLU.load(folder).parse_many(TEXTS)

    async def scene() -> None:
        async with AsyncClient(server.url, KEY) as client:
            one, many, info = await asyncio.gather(client.parse(TEXTS[0]), client.parse_many(TEXTS), client.info())
        assert same(one, wanted[0]) and all(map(same, many, wanted))
        assert info["models"][0]["engine"] == "torch"

    asyncio.run(scene())


def test_the_servers_own_words_are_passed_on(server: Server) -> None:
    with Client(server.url, "wrong-key") as client, pytest.raises(ServerError) as caught:
        client.parse("hi")
    assert str(caught.value) == f"{server.url}/parse: 401: The key is not one of this server's."
    with Client(server.url, KEY) as client:
        for call, said in (
            (lambda: client.parse("hi", model="none"), "404: model: 'none' is not served here; expected one of tiny."),
            (lambda: client.parse("\ud800"), "422: body: is no valid JSON"),
        ):
            with pytest.raises(ServerError) as caught:
                call()
            assert said in str(caught.value) and caught.value.status in (404, 422)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("secret-1\n", "begins or ends with white space"),
        (" secret-1", "begins or ends with white space"),
        ("sécret-1€", "holds characters that are no printable ASCII"),
        ("secret\n-1", "holds characters that are no printable ASCII"),
        ("", "is empty"),
    ],
)
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(kind: Any, key: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        kind("http://localhost:8000", key=key)
    assert str(caught.value).startswith(f"key: {why}") and "cret" not in str(caught.value)
    assert "; expected one of the server's keys. Strip it" in str(caught.value)


@pytest.mark.parametrize("texts", ["abc", ["hi", 3]])
def test_what_is_no_list_of_texts_is_refused_as_the_model_does(texts: Any, folder: Path) -> None:
    async def scene() -> None:
        await AsyncClient("http://localhost:1").parse_many(texts)

    said = []
    for call in (NLU.load(folder).parse_many, Client("http://localhost:1").parse_many, lambda _: asyncio.run(scene())):
        with pytest.raises(DataError) as caught:
            call(texts)
        said.append(str(caught.value))
    assert len(set(said)) == 1


def test_no_texts_are_not_asked_for() -> None:
    async def scene() -> list[Parse]:
        async with AsyncClient("http://localhost:1") as client:
            return await client.parse_many([])

    with Client("http://localhost:1") as client:
        assert client.parse_many([]) == asyncio.run(scene()) == []


# a stand-in that answers as a test likes ------------------------------------------------------------------------------

Reply = tuple[int, dict[str, str], bytes]
GOOD: Reply = (200, {}, json.dumps(Parse("hi").to_dict()).encode())
FULL: Reply = (429, {"Retry-After": "7"}, json.dumps({"error": {"message": "the queue is full"}}).encode())


@contextmanager
def answering(replies: list[Reply | None]) -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server that gives these replies in turn (None hangs up), and the bodies that it was sent."""
    bodies: list[bytes] = []
    left = iter(replies)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            reply = next(left)
            if reply is None:
                self.close_connection = True
                return
            status, headers, body = reply
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as stand_in:
        thread = threading.Thread(target=stand_in.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{stand_in.server_port}", bodies
        finally:
            stand_in.shutdown()
            thread.join()


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have slept, each time, instead of sleeping."""
    slept: list[float] = []

    async def nap(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(module.time, "sleep", slept.append)
    monkeypatch.setattr(module.asyncio, "sleep", nap)
    return slept


def plain(url: str, **options: Any) -> Parse:
    with Client(url, **options) as client:
        return client.parse("hi")


def asynchronous(url: str, **options: Any) -> Parse:
    async def scene() -> Parse:
        async with AsyncClient(url, **options) as client:
            return await client.parse("hi")

    return asyncio.run(scene())


both = pytest.mark.parametrize("ask", [plain, asynchronous])
Ask = Callable[..., Parse]


@both
def test_a_full_queue_is_tried_again_when_the_server_says(ask: Ask, naps: list[float]) -> None:
    with answering([FULL, FULL, GOOD]) as (url, bodies):
        assert ask(url) == Parse("hi")
    assert len(bodies) == 3 and len(set(bodies)) == 1
    assert len(naps) == 2 and all(7.0 <= nap <= 7.0 * 1.25 for nap in naps)
    assert naps[0] != naps[1], "clients that were refused together do not come back together"


@both
def test_no_wait_is_longer_than_the_bound(ask: Ask, naps: list[float]) -> None:
    with answering([(429, {"Retry-After": "86400"}, b""), (503, {"Retry-After": "tomorrow"}, b""), GOOD]) as (url, _):
        assert ask(url) == Parse("hi")
    assert LONGEST_WAIT <= naps[0] <= LONGEST_WAIT * 1.25 and naps[1] < 1


def test_fewer_than_no_retries_are_refused() -> None:
    with pytest.raises(ConfigError, match="retries: are -1; expected 0 for none, or more"):
        Client("http://localhost:1", retries=-1)


@both
def test_in_the_end_it_gives_up_with_the_servers_words(ask: Ask, naps: list[float]) -> None:
    with answering([FULL] * 3) as (url, _), pytest.raises(ServerError, match="429: the queue is full") as caught:
        ask(url, retries=2)
    assert (len(naps), caught.value.status) == (2, 429)


@both
def test_a_connection_that_breaks_is_made_again(ask: Ask, naps: list[float]) -> None:
    with answering([None, GOOD]) as (url, bodies):
        assert ask(url) == Parse("hi")
    assert len(bodies) == 2 and len(naps) == 1


@both
def test_other_errors_are_not_tried_again(ask: Ask, naps: list[float]) -> None:
    with answering([(500, {}, b"<html>oops</html>")]) as (url, _), pytest.raises(ServerError) as caught:
        ask(url)
    assert "500: no answer of `jointbert serve`" in str(caught.value) and naps == []
    with (
        answering([(200, {}, b"<html>a portal</html>")]) as (url, _),
        pytest.raises(ServerError, match="200: no answer"),
    ):
        ask(url)


@both
def test_nobody_there(ask: Ask, naps: list[float]) -> None:
    with answering([]) as (url, _):
        pass
    with pytest.raises(ServerError) as caught:
        ask(url)
    said = str(caught.value)
    assert said.startswith(f"{url}/parse: no answer (ConnectError: ") and "jointbert serve MODEL" in said
    assert (len(naps), caught.value.status) == (3, None)


@both
def test_a_server_that_says_nothing_is_not_waited_for(ask: Ask, naps: list[float]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ServerError, match="ReadTimeout"):
        ask(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
    assert naps == [], "whoever waits has waited long enough"


def many(url: str) -> list[Parse]:
    with Client(url) as client:
        return client.parse_many(["hi", "yo"])


def asynchronous_many(url: str) -> list[Parse]:
    async def scene() -> list[Parse]:
        async with AsyncClient(url) as client:
            return await client.parse_many(["hi", "yo"])

    return asyncio.run(scene())


@pytest.mark.parametrize("ask", [plain, asynchronous, many, asynchronous_many])
@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"null", b'"x"', b'{"parses": []}', b'{"parses": [1, 2]}', b'{"parses": 7}']
)
def test_the_answer_of_another_server_is_an_error(ask: Ask, body: bytes) -> None:
    with answering([(200, {}, body)]) as (url, _), pytest.raises(ServerError) as caught:
        ask(url)
    assert str(caught.value).startswith(f"{url}/parse: no answer of `jointbert serve`")
    assert "Look at the address" in str(caught.value)


@both
def test_an_answer_that_cannot_be_unpacked_is_an_error(ask: Ask, naps: list[float]) -> None:
    packed = (200, {"Content-Encoding": "gzip"}, b"not packed at all")
    with answering([packed]) as (url, _), pytest.raises(ServerError, match=r"no answer \(DecodingError"):
        ask(url)
    assert naps == [], "it would be the same again"


def test_what_is_no_text_is_refused_before_it_is_sent() -> None:
    async def scene() -> None:
        await AsyncClient("http://localhost:1").parse(b"hi")  # type: ignore[arg-type]

    with pytest.raises(DataError, match="text 0: is a bytes; expected a str"):
        Client("http://localhost:1").parse(b"hi")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="text 0: is a bytes; expected a str"):
        asyncio.run(scene())


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("url", ["localhost:8000", "http://[::1", "", "ftp://localhost", "http://", None])
def test_an_address_that_is_none_is_refused(kind: Any, url: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        kind(url)
    assert str(caught.value).startswith(f"url: is {url!r}")
    assert "expected an address such as http://localhost:8000" in str(caught.value)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_without_httpx_it_says_what_to_install(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'jointbert\[serve\]'"):
        kind("http://localhost:8000")
