"""Many batches at once: each core computes a batch of its own, which needs no waiting for each other in every layer."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from jointbert.checkpoint.predict import Arrays, Output
from jointbert.checkpoint.session import OnnxSession

_LARGEST = 256 * 2**20
"""Bytes of a graph beyond which the second copy costs more memory than the time is worth."""

_FEWEST = 4
"""Batches for which the copy is opened."""


class SideBySide:
    """Scores batches in several threads, on a copy of the graph that computes a batch in one.

    The copy is opened when many batches come for the first time; until then it costs nothing. It is opened only from
    the very bytes that the session was loaded from: where the folder has another model by then, or none, the session
    goes on alone. A forked process opens its own, as threads do not live on in it.

    Args:
        session: What scores where there is no copy.
        path: The ``.onnx`` file.
        sha256: Of that file as it was loaded, in hexadecimal; None allows no copy.
        threads: How many at once; None takes one for each core that this process may use.
        state: Whether [CLS] states are asked for too.
    """

    def __init__(self, session: OnnxSession, path: Path, sha256: str | None, threads: int | None, state: bool) -> None:
        self._first, self._path, self._sha256, self._state = session, path.absolute(), sha256, state
        self._threads = threads or _cores()
        self._worthwhile = sha256 is not None and self._threads > 1 and path.stat().st_size <= _LARGEST
        self._forget()

    def _forget(self) -> None:
        """Begin without a copy."""
        self._process = os.getpid()
        self._copy: tuple[OnnxSession, ThreadPoolExecutor] | None = None
        self._lock = Lock()

    def __call__(self, batches: Iterable[Arrays], count: int) -> Iterator[tuple[Output, Output, Output]]:
        """The logits and states of the batches, in their order; a few are computed ahead.

        Args:
            batches: Arrays of each batch, read as it goes.
            count: How many there are.
        """
        copy = self._opened(count)
        if copy is None:
            for arrays in batches:
                yield self._first.score(arrays, self._state)
            return
        session, pool = copy
        ahead: deque[Future[tuple[Output, Output, Output]]] = deque()
        for arrays in batches:
            ahead.append(pool.submit(session.score, arrays, self._state))
            if len(ahead) > 2 * self._threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _opened(self, count: int) -> tuple[OnnxSession, ThreadPoolExecutor] | None:
        """The copy and its threads, if they are there or this call is worth opening them; never for a single batch."""
        if self._process != os.getpid():
            self._forget()
        if not self._worthwhile or count == 1 or (self._copy is None and count < _FEWEST):
            return None
        with self._lock:
            if self._copy is None:
                graph = self._read()
                if graph is None:
                    self._worthwhile = False
                    return None
                self._copy = OnnxSession(self._path, 1, graph), ThreadPoolExecutor(self._threads, "jointbert")
        return self._copy

    def _read(self) -> bytes | None:
        """The graph that was loaded; None if the file is no longer that."""
        try:
            graph = self._path.read_bytes()
        except OSError:
            return None
        return graph if hashlib.sha256(graph).hexdigest() == self._sha256 else None


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
