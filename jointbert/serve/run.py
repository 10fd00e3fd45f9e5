"""A server as a process: it listens, drains on SIGTERM and SIGINT, reloads on SIGHUP."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import math
import signal
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from jointbert.errors import ConfigError, JointBertError
from jointbert.serve.app import build_app
from jointbert.serve.door import Condition
from jointbert.serve.keys import Keys
from jointbert.serve.log import log_to_stderr
from jointbert.serve.metrics import Metrics
from jointbert.serve.models import Models
from jointbert.serve.settings import Settings

_logger = logging.getLogger(__name__)

BACKLOG = 2048
KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than what stands in front of a server usually keeps it."""

LINGER = 0.5
"""Seconds in which, while draining, open connections may still send a request."""

SPARE = 5
"""Seconds over the deadline after which draining is given up."""

FORCED = 130


def serve(folders: Mapping[str, Path], settings: Settings, keys: Keys) -> int:
    """Serve the models until a signal ends it; the exit code: 0 once every accepted request was answered.

    Args:
        folders: Name → model folder; the first is the default.
        settings: Where to listen, what to compute with, and the limits.
        keys: What requests have to bring.

    Raises:
        ConfigError: Nothing can listen there.
        ModelError: A folder is no sound model.
    """
    with log_to_stderr(), _deaf_to_hangups(), contextlib.closing(listen(settings.host, settings.port)) as listener:
        metrics, condition = Metrics(settings.low_confidence), Condition()
        models = Models(folders, settings, metrics.count_batch)
        models.load()
        app = build_app(models, settings, keys, metrics, condition)
        server = _Server(_config(app, settings), models, condition)
        server.run([listener])
    return FORCED if server.force_exit else 0


@contextlib.contextmanager
def _deaf_to_hangups() -> Iterator[None]:
    """SIGHUP does nothing until there is something to reload."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound there.

    Raises:
        ConfigError: The address is taken, not allowed, or none of this machine.
    """
    where = f"{host}:{port}"
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ConfigError(where, "is no address", "an address of this machine", "Leave --host out.") from None
    family, kind, protocol, _, place = min(places, key=lambda it: it[0] != socket.AF_INET)  # localhost is both
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
    except OSError as error:
        bound.close()
        raise _cannot_listen(where, port, error) from None
    bound.setblocking(False)
    return bound


def _cannot_listen(where: str, port: int, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        hint = f"Choose another: --port {port + 1 if port < 65535 else 8000}"
        return ConfigError(where, "is taken by another program", "a free port", hint)
    if error.errno == errno.EACCES:
        return ConfigError(where, "is not allowed to you", "a port from 1024 on", "Choose one with --port.")
    return ConfigError(where, "is no address of this machine", "one of its own", "Leave --host out.")


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=math.ceil(settings.deadline) + SPARE,
    )


class _Server(uvicorn.Server):
    """uvicorn, which on a signal answers all it has accepted and then returns instead of dying of the signal.

    Source:
        ``uvicorn/server.py``: ``capture_signals`` raises again the signals that ``handle_exit`` noted down, and
        ``shutdown`` closes idle connections at once. Here no signal is noted down, and open connections get a moment.
    """

    def __init__(self, config: uvicorn.Config, models: Models, condition: Condition) -> None:
        super().__init__(config)
        self._models = models
        self._condition = condition
        self._reloads: set[asyncio.Task[None]] = set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain on the first signal, leave at once on the second."""
        self.force_exit = self.should_exit
        self._condition.is_draining = self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._begin_reload)
        for sock in sockets or ():
            host, port = sock.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            names = ", ".join(self._models.names)
            _logger.info("serving %s on http://%s:%d (Ctrl-C or SIGTERM drains and ends it)", names, shown, port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening; answer what came in before that, on every connection; then end the queues."""
        _logger.info(
            "draining: %d texts wait, %d connections", self._models.waiting, len(self.server_state.connections)
        )
        await self._stop_listening(sockets or [])
        loop = asyncio.get_running_loop()
        end = loop.time() + LINGER
        while self.server_state.connections and loop.time() < end and not self.force_exit:
            await asyncio.sleep(0.01)
        await super().shutdown(sockets)
        _logger.info("drained" if not self.force_exit else "left at once: a second signal came")

    async def _stop_listening(self, sockets: list[socket.socket]) -> None:
        """Close the listeners, but keep the connections that were made and not yet picked up."""
        made: list[socket.socket] = []
        for sock in sockets:
            with contextlib.suppress(OSError):
                while True:
                    made.append(sock.accept()[0])
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        for connection in made:
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        make = self.config.http_protocol_class
        made: asyncio.Protocol = make(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def _begin_reload(self) -> None:
        task = asyncio.get_running_loop().create_task(self._reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _reload(self) -> None:
        try:
            await self._models.reload()
        except JointBertError as error:
            _logger.error("not reloaded, the old models go on: %s", error)
