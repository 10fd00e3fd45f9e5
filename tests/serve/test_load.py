"""The real server under many clients: no answer is lost or swapped, whether it drains, reloads, or just works."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import Callable
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
        async with httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False, verify=False) as http:
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


def test_two_hundred_clients_each_get_their_own_answers(tiny_folder: Path, offline: NLU) -> None:
    with serving(tiny_folder, "--deadline-ms", "60000", "--no-access-log") as server:
        tale = asyncio.run(crowd(server, CLIENTS, lambda turn: turn < 2))
        page = server.ask("GET", "/metrics").text
    check(tale, {offline.version: offline})
    assert len(tale.answers) == 2 * CLIENTS and tale.refused == 0
    rows = dict(line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("jointbert_batch_texts_"))
    texts, batches = (float(rows[f'jointbert_batch_texts_{it}{{model="tiny"}}']) for it in ("sum", "count"))
    assert texts == 2 * CLIENTS
    assert texts / batches > 1.5, "so many at once form batches"


def test_a_signal_in_mid_load_loses_nothing_and_ends_well(tiny_folder: Path, offline: NLU) -> None:
    with serving(tiny_folder, "--deadline-ms", "60000") as server:
        begun = time.monotonic()
        signalled: list[float] = []

        def go_on(turn: int) -> bool:
            if turn == 3 and not signalled:
                signalled.append(time.monotonic())
                server.send(signal.SIGTERM)
            return time.monotonic() - begun < 60

        tale = asyncio.run(crowd(server, 40, go_on))
        assert server.wait() == 0
        log = server.log
    assert "draining: " in log and log.endswith("drained\n") and "Traceback" not in log
    check(tale, {offline.version: offline})
    assert signalled and tale.refused == 40, "each client went on until there was no server any more"
    assert log.count(" POST /parse 200 ") == len(tale.answers)


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A model folder that may be changed."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


@pytest.mark.parametrize("by_signal", [False, True], ids=["by request", "by signal"])
def test_a_reload_in_mid_load_loses_nothing_and_flips_the_version_once(
    folder: Path, offline: NLU, other_folder: Path, key_file: Path, by_signal: bool
) -> None:
    other = NLU.load(other_folder)
    authorized = {"X-API-Key": KEY}
    with serving(folder, "--deadline-ms", "60000", *(() if by_signal else ("--api-key-file", key_file))) as server:

        async def scene() -> Tale:
            tale, done = Tale(), False

            async def one(client: int) -> None:
                async with httpx.AsyncClient(
                    base_url=server.url, headers=authorized, timeout=60, trust_env=False, verify=False
                ) as http:
                    turn = 0
                    while not done and await tale.ask(http, client, turn):
                        turn += 1

            crowd = asyncio.gather(*map(one, range(16)))
            await asyncio.sleep(0.5)
            await asyncio.to_thread(reload)
            await asyncio.sleep(0.5)
            done = True
            await crowd
            return tale

        def reload() -> None:
            shutil.rmtree(folder)
            save_other(folder)
            if by_signal:
                server.send(signal.SIGHUP)
                server.wait_for_log(f"in place of {offline.version}")
            else:
                answer = server.ask("POST", "/reload", headers=authorized, json={})
                row = {"name": "model", "previous": offline.version, "version": other.version}
                assert answer.json() == {"reloaded": [row]}

        tale = asyncio.run(scene())
    check(tale, {offline.version: offline, other.version: other})
    for client in range(16):
        mine = [version for who, _, _, version, _ in tale.answers if who == client]
        assert sum(before != after for before, after in pairwise(mine)) == 1
