"""The door: what crashes is a 500 that quotes nobody, who hangs up costs nothing, a server on its way out says so."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from jointbert.serve.app import build_app
from jointbert.serve.door import HUNG_UP, Condition, Door
from jointbert.serve.keys import Keys
from jointbert.serve.metrics import Metrics
from jointbert.serve.models import Models
from jointbert.serve.refusal import Refusal, json_response
from jointbert.serve.settings import Settings

SECRET = "my-account-number-is-4711"


def played(app: Any, path: str = "/parse", method: str = "POST", events: Any = None) -> list[dict[str, Any]]:
    """What an application sends for one request; ``events`` are what it receives, the last one for ever."""
    sent: list[dict[str, Any]] = []
    events = events or [{"type": "http.request", "body": json.dumps({"text": SECRET}).encode()}, None]
    left = iter(events)

    async def receive() -> dict[str, Any]:
        event = next(left)
        if event is None:
            await asyncio.sleep(60)
        return dict(event)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }

    async def scene() -> None:
        async with app.router.lifespan_context(app) if hasattr(app, "router") else asyncio.Lock():
            await app(scope, receive, send)

    asyncio.run(scene())
    return sent


def door(app: Any, condition: Condition | None = None, metrics: Metrics | None = None) -> Door:
    return Door(app, ["/parse"], Settings(), metrics or Metrics(0.5), condition or Condition())


async def fine(scope: Any, receive: Any, send: Any) -> None:
    await json_response({})(scope, receive, send)


async def crash(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError(f"cannot parse {(await receive())['body']!r}")


async def break_off(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError(SECRET)


def test_a_crash_is_a_500_and_the_log_says_where_but_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    start, body = played(door(crash))
    assert start["status"] == 500
    assert json.loads(body["body"])["error"]["code"] == "defect"
    said = caplog.text
    assert "a request failed with ValueError" in said and "test_door.py" in said and "in crash" in said
    assert SECRET not in said + str(body)


def test_an_answer_that_breaks_off_breaks_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ConnectionAbortedError, match="the answer broke off") as caught:
        played(door(break_off))
    assert SECRET not in caplog.text and caught.value.__cause__ is None and caught.value.__suppress_context__


def test_on_the_way_out_every_answer_closes_its_connection_once() -> None:
    async def closing(scope: Any, receive: Any, send: Any) -> None:
        raise Refusal(413, "too_large", "x", headers={"Connection": "close"})

    for app in (fine, closing):
        (start, _) = played(door(app, Condition(is_draining=True)))
        assert start["headers"].count((b"connection", b"close")) == 1
    assert (b"connection", b"close") not in played(door(fine))[0]["headers"]


def test_unknown_paths_are_neither_logged_nor_counted_by_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jointbert")
    metrics = Metrics(0.5)
    played(door(fine, metrics=metrics), f"/{SECRET}")
    assert "POST (unknown) 200 " in caplog.text and SECRET not in caplog.text
    assert SECRET.encode() not in metrics.page() and b'route="(unknown)"' in metrics.page()


@pytest.fixture
def models(tiny_folder: Path) -> Models:
    made = Models({"m": tiny_folder}, Settings(), lambda name, batch: None)
    made.load()
    return made


def test_who_hangs_up_gets_no_answer_and_is_counted_apart(models: Models) -> None:
    metrics = Metrics(0.5)
    app = build_app(models, Settings(), Keys(), metrics)
    body = {"type": "http.request", "body": b'{"text": "hi"}'}
    assert played(app, events=[body, {"type": "http.disconnect"}]) == []
    assert f'route="/parse",status="{HUNG_UP}"'.encode() in metrics.page()


def test_a_body_that_breaks_off_is_not_parsed(models: Models) -> None:
    app = build_app(models, Settings(), Keys(), Metrics(0.5))
    half = {"type": "http.request", "body": b'{"te', "more_body": True}
    start, _ = played(app, events=[half, {"type": "http.disconnect"}])
    assert start["status"] == 408


def test_a_server_on_its_way_out_is_not_ready_but_alive(models: Models) -> None:
    app = build_app(models, Settings(), Keys(), Metrics(0.5), Condition(is_draining=True))
    assert played(app, "/readyz", "GET")[0]["status"] == 503
    assert played(app, "/livez", "GET")[0]["status"] == 200


def test_a_queue_that_nobody_works_on_is_told(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    app = build_app(models, Settings(), Keys(), Metrics(0.5))
    monkeypatch.setattr(models, "start", lambda: None)
    for path in ("/livez", "/readyz"):
        start, body = played(app, path, "GET")
        assert (start["status"], json.loads(body["body"])["error"]["code"]) == (503, "not_alive")
