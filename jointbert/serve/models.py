"""The models of a server by name: loaded, tried, swapped for newer ones while requests go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from jointbert.errors import ConfigError, JointBertError
from jointbert.inference.nlu import NLU
from jointbert.serve.batcher import Batch, Batcher
from jointbert.serve.golden import check_golden
from jointbert.serve.settings import Settings
from jointbert.serve.ticket import QueueFullError

_logger = logging.getLogger(__name__)

TOGETHER = {"torch": 16, "onnx": 8, "onnx-int8": 8}
"""So many texts of a batch, of like length, go through the network at a time, by engine: they hold less padding."""

Watch = Callable[[str, Batch], None]
"""Hears of each batch: the model's name, and what was computed."""


class UnknownModelError(JointBertError):
    """No model goes by that name."""


@dataclass(frozen=True, slots=True)
class Served:
    """A model that answers.

    Args:
        name: What requests call it.
        folder: Where it was loaded from.
        nlu: The model.
        batcher: The queue in front of it.
        loaded_at: When that was, in UTC.
    """

    name: str
    folder: Path
    nlu: NLU
    batcher: Batcher
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What became of a model: its name, the version that went, and the version that came."""

    name: str
    previous: str
    version: str


class Models:
    """The models of one server; the first is the one that answers where none is named.

    Args:
        folders: Name → model folder.
        settings: The engine and the measures of the queues.
        watch: Hears of each batch.

    Raises:
        ConfigError: There are none.
    """

    def __init__(self, folders: Mapping[str, Path], settings: Settings, watch: Watch) -> None:
        if not folders:
            raise ConfigError("models", "are none", "at least one folder", "Name the folders of the models to serve.")
        self._folders = dict(folders)
        self._settings = settings
        self._watch = watch
        self._served: dict[str, Served] = {}
        self._one_at_a_time = asyncio.Lock()

    @property
    def names(self) -> list[str]:
        """The names, the default one first."""
        return list(self._folders)

    @property
    def waiting(self) -> int:
        """How many texts wait, for all models together."""
        return sum(served.batcher.waiting for served in self._served.values())

    def check_room(self, timeout: float) -> None:
        """Return if any model's queue has room for a text.

        Args:
            timeout: Seconds within which it has to be answered.

        Raises:
            QueueFullError: None has.
        """
        full = None
        for served in self._served.values():
            try:
                served.batcher.check_room(1, timeout)
                return
            except QueueFullError as error:
                full = full or error
        if full is not None:
            raise full

    @property
    def are_alive(self) -> bool:
        """Whether every model's queue is being worked on."""
        return bool(self._served) and all(served.batcher.is_alive for served in self._served.values())

    def load(self) -> None:
        """Load every model and try it on the golden utterances. Takes seconds; the queues start with :meth:`start`.

        Raises:
            ModelError: A folder is no sound model; the message names the file.
        """
        for name in self._folders:
            self._served[name] = self._made(name, self._opened(name))
            _logger.info("model %s: version %s, engine %s", name, *self._about(name))

    def start(self) -> None:
        """Begin to answer, in the running event loop."""
        for served in self._served.values():
            served.batcher.start()

    def get(self, name: str | None = None) -> Served:
        """The model of that name, or the default one.

        Raises:
            UnknownModelError: There is none; the message lists those there are.
        """
        found = self._served.get(self.names[0] if name is None else name)
        if found is None:
            raise UnknownModelError("model", f"{name!r} is not served here", f"one of {', '.join(self.names)}")
        return found

    async def reload(self, name: str | None = None) -> list[Reloaded]:
        """Load one model or all of them anew and swap them in; requests go on meanwhile.

        What waits for an old model is still answered by it, before the new one answers anything. If one of the new
        models is bad, none is swapped in.

        Raises:
            UnknownModelError: No model goes by that name.
            ModelError: A folder is no sound model; the message names the file.
        """
        names = self.names if name is None else [self.get(name).name]
        async with self._one_at_a_time:
            fresh = {name: await asyncio.to_thread(self._opened, name) for name in names}
            return [self._swap(name, nlu) for name, nlu in fresh.items()]

    async def close(self) -> None:
        """Answer what waits, then take nothing more."""
        await asyncio.gather(*(served.batcher.close() for served in self._served.values()))

    def _swap(self, name: str, nlu: NLU) -> Reloaded:
        old = self._served[name]
        served = self._made(name, nlu, old.batcher)
        served.batcher.start()
        self._served[name] = served
        _logger.info("model %s: version %s, engine %s, in place of %s", name, *self._about(name), old.nlu.version)
        return Reloaded(name, old.nlu.version, nlu.version)

    def _about(self, name: str) -> tuple[str, str]:
        nlu = self._served[name].nlu
        return nlu.version, nlu.engine

    def _opened(self, name: str) -> NLU:
        folder = self._folders[name]
        threads = self._settings.threads
        nlu = NLU.load(folder, self._settings.engine, threads)
        if nlu.engine == "torch" and threads is not None:
            import torch  # is there already: it computes this model

            torch.set_num_threads(threads)
        check_golden(nlu, folder)
        return nlu

    def _made(self, name: str, nlu: NLU, after: Batcher | None = None) -> Served:
        settings = self._settings
        batcher = Batcher(
            partial(nlu.parse_many, batch_size=TOGETHER[nlu.engine]),
            max_queue=settings.max_queue,
            max_batch=settings.max_batch,
            max_wait=settings.max_wait_ms / 1000,
            watch=partial(self._watch, name),
            after=after,
        )
        return Served(name, self._folders[name], nlu, batcher, datetime.now(UTC))
