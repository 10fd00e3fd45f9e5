"""Clients of a server, in a process of their own: a request is sent when it is due, whatever became of the others.

    python benchmarks/load_client.py URL EXPECTED.json --rate 100 --seconds 20      (open loop, Poisson arrivals)
    python benchmarks/load_client.py URL EXPECTED.json --clients 64 --seconds 10    (closed loop, to find the capacity)

EXPECTED.json is a list of {"text", "parse"}: what the same model says offline. Prints one JSON object. A latency counts
from the moment at which the request was due, not from when this process got round to it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import resource
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 30.0
"""Seconds after which a request that was sent and not answered is lost."""

PAUSE = 0.2
"""Seconds that a client waits who was refused, where clients wait for their answers at all."""

TOLERANCE = 1e-3
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Log:
    """What became of the requests.

    Args:
        answers: (place in the expected list, status, seconds, body) of each answer.
        lost: What went wrong with those that got none.
        late: The most seconds by which this process was behind its own schedule.
    """

    answers: list[tuple[int, int, float, bytes]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    late: float = 0.0


class Pool:
    """Connections that are kept, and as many more as are needed.

    Args:
        url: The server.
        texts: What is asked.
    """

    def __init__(self, url: str, texts: list[str]) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._idle: list[Stream] = []
        self._requests = [self._request(text) for text in texts]

    def _request(self, text: str) -> bytes:
        body = json.dumps({"text": text, "ranking": 1}).encode()
        head = f"POST /parse HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    async def ask(self, place: int) -> tuple[int, bytes]:
        """Status and body of one answer."""
        stream = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        reader, writer = stream
        try:
            writer.write(self._requests[place])
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        if b"connection: close" in head:
            writer.close()
        else:
            self._idle.append(stream)
        return int(head[9:12]), body


async def one(pool: Pool, log: Log, place: int, due: float) -> int:
    """One request, and what became of it; the status, 0 where there is none."""
    log.late = max(log.late, time.perf_counter() - due)
    try:
        async with asyncio.timeout(PATIENCE):
            status, body = await pool.ask(place)
    except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError) as error:
        log.lost.append(f"{type(error).__name__}: {error}")
        return 0
    log.answers.append((place, status, time.perf_counter() - due, body))
    return status


async def open_loop(pool: Pool, count: int, rate: float, seconds: float) -> Log:
    """Requests at random moments, so many a second on average."""
    log, tasks, chance = Log(), set(), random.Random(13)
    begun = due = time.perf_counter()
    while (due := due + chance.expovariate(rate)) < begun + seconds:
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(pool, log, chance.randrange(count), due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return log


async def closed_loop(pool: Pool, count: int, clients: int, seconds: float) -> Log:
    """So many clients, each of which asks again as soon as it has its answer."""
    log, end = Log(), time.perf_counter() + seconds

    async def client(number: int) -> None:
        chance = random.Random(number)
        while (now := time.perf_counter()) < end:
            if await one(pool, log, chance.randrange(count), now) != 200:
                await asyncio.sleep(PAUSE)

    await asyncio.gather(*map(client, range(clients)))
    return log


def same(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether an answer is the offline parse; in another batch, sums may round differently."""
    places = [[(it["slot"], it["value"], it["start"], it["end"]) for it in parse["slots"]] for parse in (found, wanted)]
    if places[0] != places[1] or found["intent"]["name"] != wanted["intent"]["name"]:
        return False
    pairs = [(found["intent"]["confidence"], wanted["intent"]["confidence"])]
    pairs += [(a["confidence"], b["confidence"]) for a, b in zip(found["slots"], wanted["slots"], strict=True)]
    return all(abs(a - b) <= TOLERANCE for a, b in pairs)


def quantile(ordered: list[float], share: float) -> float | None:
    """The value below which that share lies, in milliseconds."""
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None


def summary(log: Log, expected: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """Counts by status, latencies of what was served, and answers that were lost, swapped or other than offline."""
    statuses: dict[str, int] = {}
    swapped = differing = 0
    for place, status, _, body in log.answers:
        statuses[str(status)] = statuses.get(str(status), 0) + 1
        if status == 200:
            found = json.loads(body)
            swapped += found["text"] != expected[place]["text"]
            differing += not same(found, expected[place]["parse"])
    served = sorted(taken for _, status, taken, _ in log.answers if status == 200)
    return {
        "sent": len(log.answers) + len(log.lost),
        "statuses": dict(sorted(statuses.items())),
        "per_second": round(len(served) / seconds, 1),
        "p50_ms": quantile(served, 0.5),
        "p99_ms": quantile(served, 0.99),
        "max_ms": quantile(served, 1.0),
        "lost": len(log.lost),
        "swapped": swapped,
        "differing": differing,
        "client_late_ms": round(1000 * log.late, 1),
        "losses": log.lost[:3],
    }


def main() -> None:
    """Ask as long as was said, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("expected")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with open(arguments.expected, encoding="utf-8") as handle:
        expected = json.load(handle)
    gc.freeze()
    pool = Pool(arguments.url, [item["text"] for item in expected])
    if arguments.rate:
        work = open_loop(pool, len(expected), arguments.rate, arguments.seconds)
    else:
        work = closed_loop(pool, len(expected), arguments.clients, arguments.seconds)
    print(json.dumps(summary(asyncio.run(work), expected, arguments.seconds)))


if __name__ == "__main__":
    main()
