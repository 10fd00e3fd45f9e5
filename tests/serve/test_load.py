"""The real server under many clients: no answer is lost or swapped, whether it drains, reloads, or just works."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import KEY, Server, save_other, serving

from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse

CLIENTS = 200
AUTHORIZED = {"X-API-Key": KEY}
WORDS = ("book", "play", "boston", "jazz", "miles", "zurich", "noon", "hotel", "北京", "歌", "26.5℃", "🚄")


def text_of(client: int, turn: int) -> str:
    """A text that nobody else sends."""
    return f"{WORDS[client % 12]} {client} {WORDS[turn % 12]} {turn} " + "please " * (client % 7)


def says(found: dict[str, Any], wanted: Parse) -> bool:
    """Whether an answer is that parse, up to the rounding of sums in batches of other sizes."""
    parse = Parse.from_dict(found)
    return (
        (parse.text, parse.intent) == (wanted.text, wanted.intent)
        and [(span.slot, span.start, span.end) for span in parse.spans]
        == [(span.slot, span.start, span.end) for span in wanted.spans]
        and parse.intent_confidence == pytest.approx(wanted.intent_confidence, abs=1e-4)
    )


@dataclass
class Tale:
    """What clients lived through.

    Args:
        answers: (client, turn, status, version, JSON) in the order in which they came.
        refused: How many could not connect any more.
        lost: What happened to those who connected and got no answer.
    """

    answers: list[tuple[int, int, int, str, Any]] = field(default_factory=list)
    refused: int = 0
    lost: list[str] = field(default_factory=list)

    async def ask(self, http: httpx.AsyncClient, client: int, turn: int) -> bool:
        """One request; whether there is a server to send another to."""
        try:
            answer = await http.post("/parse", json={"text": text_of(client, turn)})
        except httpx.ConnectError:
            self.refused += 1
            return False
        except httpx.TransportError as error:
            self.lost.append(f"client {client}, turn {turn}: {error!r}")
            return False
        version = answer.headers.get("x-model-version", "")
        self.answers.append((client, turn, answer.status_code, version, answer.json()))
        return True


async def crowd(server: Server, clients: int, go_on: Callable[[int], bool]) -> Tale:
    """So many clients at once, each with a connection of its own, each asking as long as its turn may go on."""
    tale = Tale()

    async def one(client: int) -> None:
        async with httpx.AsyncClient(
            base_url=server.url, headers=AUTHORIZED, timeout=60, trust_env=False, verify=False
        ) as http:
            turn = 0
            while go_on(turn) and await tale.ask(http, client, turn):
                turn += 1

    await asyncio.gather(*map(one, range(clients)))
    return tale


def check(tale: Tale, models: dict[str, NLU]) -> None:
    """Raise unless every answer is the offline parse by the model that it says it is from."""
    assert tale.lost == []
    assert {status for _, _, status, _, _ in tale.answers} == {200}
    for version, nlu in models.items():
        mine = [(text_of(client, turn), found) for client, turn, _, said, found in tale.answers if said == version]
        wanted = nlu.parse_many([text for text, _ in mine])
        assert [text for (text, found), parse in zip(mine, wanted, strict=True) if not says(found, parse)] == []
    assert {version for _, _, _, version, _ in tale.answers} <= set(models)


@pytest.fixture(scope="module")
def folder(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is served; what is in it changes."""
    return Path(shutil.copytree(tiny_folder, tmp_path_factory.mktemp("served") / "model"))


@pytest.fixture(scope="module")
def server(folder: Path, key_file: Path) -> Iterator[Server]:
    """One server for all of these tests; the last one ends it."""
    with serving(folder, "--api-key-file", key_file, "--deadline-ms", "60000") as found:
        yield found


@pytest.fixture(scope="module")
def models(offline: NLU, other_folder: Path) -> dict[str, NLU]:
    """The models that are served at one time or another, by version."""
    other = NLU.load(other_folder)
    return {offline.version: offline, other.version: other}


def current(server: Server) -> str:
    """The version that is served."""
    return str(server.ask("GET", "/info", headers=AUTHORIZED).json()["models"][0]["version"])


def batches(server: Server) -> tuple[float, float]:
    """How many texts were computed so far, and in how many batches."""
    page = server.ask("GET", "/metrics", headers=AUTHORIZED).text
    rows = dict(line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("jointbert_batch_texts_"))
    texts, count = (float(rows.get(f'jointbert_batch_texts_{it}{{model="model"}}', 0)) for it in ("sum", "count"))
    return texts, count


def test_two_hundred_clients_each_get_their_own_answers(server: Server, models: dict[str, NLU]) -> None:
    before = batches(server)
    tale = asyncio.run(crowd(server, CLIENTS, lambda turn: turn < 2))
    texts, count = (now - then for now, then in zip(batches(server), before, strict=True))
    check(tale, models)
    assert len(tale.answers) == texts == 2 * CLIENTS and tale.refused == 0
    assert texts / count > 1.5, "so many at once form batches"


@pytest.mark.parametrize("by_signal", [False, True], ids=["by request", "by signal"])
def test_a_reload_in_mid_load_loses_nothing_and_flips_the_version_once(
    server: Server, folder: Path, tiny_folder: Path, models: dict[str, NLU], offline: NLU, by_signal: bool
) -> None:
    old = current(server)
    (new,) = set(models) - {old}
    flips: list[float] = []

    def reload() -> None:
        shutil.rmtree(folder)
        if new == offline.version:
            shutil.copytree(tiny_folder, folder)
        else:
            save_other(folder)
        if by_signal:
            server.send(signal.SIGHUP)
            server.wait_for_log(f"version {new}, engine torch, in place of {old}")
        else:
            answer = server.ask("POST", "/reload", headers=AUTHORIZED, json={})
            assert answer.json() == {"reloaded": [{"name": "model", "previous": old, "version": new}]}
        flips.append(time.monotonic())

    async def scene() -> Tale:
        load = asyncio.ensure_future(crowd(server, 16, lambda _: not flips or time.monotonic() < flips[0] + 0.5))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(reload)
        return await load

    tale = asyncio.run(scene())
    check(tale, models)
    assert tale.refused == 0
    for client in range(16):
        mine = [version for who, _, _, version, _ in tale.answers if who == client]
        assert (mine[0], mine[-1]) == (old, new)
        assert sum(before != after for before, after in pairwise(mine)) == 1


def test_a_signal_in_mid_load_loses_nothing_and_ends_well(server: Server, models: dict[str, NLU]) -> None:
    already = server.log.count(" POST /parse 200 ")
    signalled: list[float] = []

    def go_on(turn: int) -> bool:
        if turn == 3 and not signalled:
            signalled.append(time.monotonic())
            server.send(signal.SIGTERM)
        return not signalled or time.monotonic() < signalled[0] + 30

    tale = asyncio.run(crowd(server, 40, go_on))
    assert server.wait() == 0
    log = server.log
    assert "draining: " in log and log.endswith("drained\n") and "Traceback" not in log
    check(tale, models)
    assert signalled and tale.refused == 40, "each client went on until there was no server any more"
    assert log.count(" POST /parse 200 ") - already == len(tale.answers)
