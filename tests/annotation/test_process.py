"""A process is started apart from ours, known again by its birth, and stopped without touching a stranger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jointbert.annotation import process as module
from jointbert.annotation.process import Process, spawn
from jointbert.errors import StoreError

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def start(program: str, tmp_path: Path) -> Process:
    return spawn([sys.executable, "-c", program], tmp_path / "log", os.environ)


def test_what_it_prints_goes_to_the_log_and_nothing_comes_from_the_keyboard(tmp_path: Path) -> None:
    program = "import os, sys; print(os.getpid() == os.getsid(0), repr(sys.stdin.read()))\nsys.exit('the end')"
    process = start(program, tmp_path)
    wait_for(lambda: not process.alive())
    assert (tmp_path / "log").read_text() == "True ''\nthe end\n"


def test_a_dead_child_is_reaped_and_not_alive(tmp_path: Path) -> None:
    process = start("pass", tmp_path)
    wait_for(lambda: not process.alive())
    assert Process.of(process.pid) is None
    with pytest.raises(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)


def test_it_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    process = start("import time; time.sleep(60)", tmp_path)
    assert process.alive()
    process.stop(grace=20)
    assert not process.alive()
    process.stop(grace=20)  # once more does no harm


def test_it_is_killed_when_it_does_not_listen(tmp_path: Path) -> None:
    process = start(STUBBORN, tmp_path)
    wait_for(lambda: "ready" in (tmp_path / "log").read_text())
    process.stop(grace=0.3)
    assert not process.alive()


def test_its_children_end_with_it(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys\nchild = subprocess.Popen(['sleep', '60'])\nprint(child.pid, flush=True)\nchild.wait()"
    )
    process = start(program, tmp_path)
    wait_for(lambda: (tmp_path / "log").read_text().endswith("\n"))
    child = Process.of(int((tmp_path / "log").read_text()))
    assert child is not None and child.alive()
    process.stop(grace=20)
    wait_for(lambda: not child.alive())


def test_a_stranger_with_the_same_number_is_not_it_and_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        try:
            ours = Process(stranger.pid, "some other boot 12345")
            assert not ours.alive()
            ours.stop(grace=0.1)
            time.sleep(0.2)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_program_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="a new process: could not be started"):
        spawn([str(tmp_path / "nothing")], tmp_path / "log", {})


def test_somebody_elses_process_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, number: int) -> None:
        raise PermissionError

    ours = Process.of(os.getpid())
    assert ours is not None
    monkeypatch.setattr(module.os, "killpg", refuse)
    with pytest.raises(StoreError, match="belongs to another user"):
        ours.stop(grace=0.1)


def test_a_name_with_parentheses_and_blanks_does_not_confuse(tmp_path: Path) -> None:
    odd = tmp_path / "a) Z (b"
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([str(odd), "60"]) as running:
        try:
            found = Process.of(running.pid)
            assert found is not None and found.born.split()[1].isdigit()
        finally:
            running.send_signal(signal.SIGKILL)


def test_without_proc_the_birth_comes_from_psutil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROC", tmp_path)
    ours = Process.of(os.getpid())
    assert ours is not None and ours.alive()
    assert not Process(os.getpid(), "0.0").alive()
    assert Process.of(2**22 + 1) is None
