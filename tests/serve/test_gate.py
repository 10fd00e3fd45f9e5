"""The gate: under a flood a request is refused before anything is made of it, and only then."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jointbert.serve.gate import Gate
from jointbert.serve.models import Models
from jointbert.serve.refusal import Refusal
from jointbert.serve.settings import Settings
from jointbert.serve.ticket import QueueFullError


def full(timeout: float) -> None:
    error = QueueFullError("queue", "9 texts wait and 1 more came", "9 at most")
    error.retry_after = 7
    raise error


def roomy(timeout: float) -> None:
    assert timeout == Settings().deadline


class Passing:
    """A request at the gate: whether it came to the routes, and how many parts of its body were read.

    Args:
        check: The gate's check of the room.
        body: Its body, in one part.
        changes: What is different in its scope.
    """

    def __init__(self, check: Any, body: bytes = b"not even JSON", **changes: Any) -> None:
        self.reached, self.read = False, 0
        self._body = body
        headers = [(b"content-length", str(len(body)).encode())]
        self._scope = {"type": "http", "method": "POST", "path": "/parse", "headers": headers, **changes}
        self._gate = Gate(self._routes, ["/parse"], check, Settings(max_body_bytes=100))

    async def _routes(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached = True

    async def _receive(self) -> Any:
        self.read += 1
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: Any) -> None:
        raise AssertionError("the gate sends nothing itself")

    def go(self) -> Passing:
        asyncio.run(self._gate(self._scope, self._receive, self._send))
        return self


def test_where_there_is_room_everything_passes_untouched() -> None:
    passing = Passing(roomy).go()
    assert (passing.reached, passing.read) == (True, 0)


@pytest.mark.parametrize("changes", [{"path": "/livez"}, {"method": "GET"}, {"type": "lifespan"}])
def test_what_does_not_parse_passes_a_full_queue(changes: dict[str, Any]) -> None:
    passing = Passing(full, **changes).go()
    assert (passing.reached, passing.read) == (True, 0)


def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    passing = Passing(full)
    with pytest.raises(Refusal) as caught:
        passing.go()
    assert (caught.value.status, caught.value.code) == (429, "queue_full")
    assert caught.value.headers == {"Retry-After": "7"}
    assert "9 texts wait" in caught.value.message
    assert (passing.reached, passing.read) == (False, 1), "the body is taken off the connection, which goes on"


def test_a_body_beyond_the_limit_is_still_refused_as_such() -> None:
    with pytest.raises(Refusal) as caught:
        Passing(full, body=b"x" * 101).go()
    assert caught.value.status == 413


def test_one_model_with_room_opens_the_gate() -> None:
    models = Models({"a": Path("a"), "b": Path("b")}, Settings(), watch=lambda name, batch: None)
    busy = SimpleNamespace(batcher=SimpleNamespace(check_room=lambda count, timeout: full(timeout)))
    idle = SimpleNamespace(batcher=SimpleNamespace(check_room=lambda count, timeout: None))
    models._served = {"a": busy, "b": idle}  # type: ignore[dict-item]
    models.check_room(2.0)
    models._served = {"a": busy, "b": busy}  # type: ignore[dict-item]
    with pytest.raises(QueueFullError):
        models.check_room(2.0)
