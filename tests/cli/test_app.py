"""``jointbert app``: serves the app, hands over where things are kept, and says plainly why it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jointbert.cli import app as module
from jointbert.cli.main import app

Become = tuple[list[str], dict[str, str]]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOINTBERT_WORKSPACE", "JOINTBERT_DATABASE", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> list[Become]:
    """What the command would have become, instead of becoming it."""
    made: list[Become] = []
    monkeypatch.setattr(module, "_become", lambda command, environment: made.append((command, environment)))
    return made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["app", *arguments])


def test_it_becomes_a_quiet_local_server_with_its_own_workspace(
    become: list[Become], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    port = free_port()
    result = invoke("--port", str(port))
    assert result.exit_code == 0, result.output
    ((command, environment),) = become
    workspace = tmp_path / "jointbert-workspace"
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(command[4]).name == "Home.py" and Path(command[4]).is_file()
    assert {
        "--server.address=localhost",
        f"--server.port={port}",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
    } <= set(command)
    assert environment["JOINTBERT_WORKSPACE"] == str(workspace)
    assert environment["JOINTBERT_DATABASE"] == str(workspace / "jointbert.db")
    assert (workspace / "jointbert.db").is_file()
    assert str(workspace) in result.stdout and result.stderr == ""


def test_a_browser_opens_only_where_one_can_be_shown(
    become: list[Become], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    for arguments in ((), ("--no-browser",)):
        assert invoke("--workspace", str(tmp_path), "--port", str(free_port()), *arguments).exit_code == 0
    assert "--server.headless=false" in become[0][0]
    assert "--server.headless=true" in become[1][0]


def test_the_environment_names_the_places_too_and_a_password_stays_off_the_command_line(
    become: list[Become], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(module, "_check_database", opened.append)
    monkeypatch.setenv("JOINTBERT_WORKSPACE", str(tmp_path / "ours"))
    monkeypatch.setenv("JOINTBERT_DATABASE", "postgresql://ann:secret@db/nlu")
    result = invoke("--port", str(free_port()))
    ((command, environment),) = become
    assert opened == [environment["JOINTBERT_DATABASE"]] == ["postgresql://ann:secret@db/nlu"]
    assert environment["JOINTBERT_WORKSPACE"] == str(tmp_path / "ours")
    assert "secret" not in " ".join(command) + result.output


def test_listening_to_others_is_said(become: list[Become], tmp_path: Path) -> None:
    result = invoke("--workspace", str(tmp_path), "--port", str(free_port()), "--host", "0.0.0.0")
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: there are no passwords")


def test_a_busy_port_is_a_users_mistake_with_a_next_step(become: list[Become], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = invoke("--workspace", str(tmp_path), "--port", str(port))
    assert (result.exit_code, become) == (2, [])
    assert result.stderr == (
        f"error: localhost:{port}: is taken by another program; expected a free port. "
        f"Choose another: --port {port + 1}\n"
    )


@pytest.mark.parametrize(
    ("host", "message"),
    [("no.such.host.invalid", "is no address; expected an address of this machine"), ("192.0.2.1", "is no address of")],
)
def test_a_host_that_is_not_ours(become: list[Become], tmp_path: Path, host: str, message: str) -> None:
    result = invoke("--workspace", str(tmp_path), "--port", str(free_port()), "--host", host)
    assert (result.exit_code, become) == (2, [])
    assert message in result.stderr


def test_a_port_that_is_not_allowed(become: list[Become], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_refusal", lambda family, place: module.errno.EACCES)
    result = invoke("--workspace", str(tmp_path), "--port", "80")
    assert (result.exit_code, become) == (2, [])
    assert "localhost:80: is not allowed to you; expected a port from 1024 on" in result.stderr


def test_a_workspace_or_a_database_that_cannot_be(become: list[Become], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database")
    result = invoke("--workspace", str(tmp_path / "file" / "inside"))
    assert result.exit_code == 2 and "cannot be made" in result.stderr
    result = invoke("--workspace", str(tmp_path), "--database", str(tmp_path / "file"))
    assert result.exit_code == 2 and result.stderr.startswith("error: ")
    assert become == []


def test_without_the_extra_it_says_how_to_install_it(
    become: list[Become], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = invoke("--workspace", str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr == (
        "error: jointbert app: the optional part 'app' is not installed. "
        "Install it with: pip install 'jointbert[app]'\n"
    )


def test_it_serves_and_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "jointbert.cli.main", "app", "--workspace", str(tmp_path / "w"), "--no-browser"]
    environment = dict(os.environ) | {"HOME": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as server:
        try:
            _wait_for_health(server, port)
            server.send_signal(signal.SIGINT)
            said, _ = server.communicate(timeout=60)
        finally:
            server.kill()
    assert server.returncode in (0, 130)
    assert "Traceback" not in said and "mail" not in said


def _wait_for_health(server: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=5) as answer:
                assert answer.read() == b"ok"
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the app did not come up (exit code {server.poll()})")
