"""A process that outlives who started it: started detached, known again later, and stopped without harming another.

A process is known by its number and the moment it was born, for numbers are used again: what bears the number but was
born at another moment is a stranger, which is never signalled and never taken for the process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from jointbert.errors import StoreError

_PROC = Path("/proc")
_POLL = 0.05
_children: list[subprocess.Popen[bytes]] = []
_children_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this machine.

    Args:
        pid: Its number.
        born: When it was born, as this system tells it; equal for the same process only.
    """

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The process that bears a number now; None where there is none, or a dead one that nobody has reaped.

        Example:
            >>> Process.of(os.getpid()).alive()
            True
        """
        _reap()
        born = _born(pid)
        return None if born is None else cls(pid, born)

    def alive(self) -> bool:
        """Whether this very process runs."""
        return Process.of(self.pid) == self

    def stop(self, grace: float) -> None:
        """End the process and its group: asked first, then killed. Nothing happens if it does not run.

        Args:
            grace: Seconds between the two.

        Raises:
            StoreError: It belongs to another user.
        """
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive():
                return
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                return
            except PermissionError:
                hint = "Ask whoever started it to stop it."
                raise StoreError(f"process {self.pid}", "belongs to another user", None, hint) from None
            self._wait(grace)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.alive() and time.monotonic() < end:
            time.sleep(_POLL)


def spawn(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Process:
    """A new process in a session of its own, so that no Ctrl-C and no end of ours reaches it.

    Args:
        command: The program and its arguments.
        log: The file that what it prints is added to.
        environment: Its whole environment.

    Raises:
        StoreError: The system refuses to start it.
    """
    try:
        with log.open("ab") as out:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )
    except OSError as error:
        hint = "Check the disk and the memory of this machine."
        raise StoreError("a new process", f"could not be started ({error.strerror})", None, hint) from error
    born = _born(child.pid) or ""
    with _children_lock:
        _children.append(child)
    return Process(child.pid, born)


def _reap() -> None:
    """Let go of children that have ended; until then the system keeps their numbers."""
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]


def _born(pid: int) -> str | None:
    """The moment of birth of a running process, or None."""
    if not (_PROC / "self" / "stat").exists():
        return _born_elsewhere(pid)
    try:
        content = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    fields = content.rpartition(b")")[2].split()  # the name before it may hold anything, white space too
    state, ticks = fields[0], fields[19]
    return None if state in (b"Z", b"X") else f"{_boot()} {ticks.decode()}"


def _boot() -> str:
    """What tells this start of the machine from every other; ticks are counted from it."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"


def _born_elsewhere(pid: int) -> str | None:
    """The same on systems without ``/proc``."""
    psutil = import_module("psutil")
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
    except psutil.Error:
        return None
