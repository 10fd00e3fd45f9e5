"""``jointbert serve``: what it makes of its arguments, and what it says when they are wrong."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jointbert.cli.main import app
from jointbert.cli.serve import named_folders
from jointbert.errors import ConfigError
from jointbert.serve import run as module
from jointbert.serve.keys import Keys
from jointbert.serve.settings import Settings

Started = tuple[dict[str, Path], Settings, Keys]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    """What would have been served."""
    calls: list[Started] = []

    def serve(folders: dict[str, Path], settings: Settings, keys: Keys) -> int:
        calls.append((folders, settings, keys))
        return 0

    monkeypatch.setattr(module, "serve", serve)
    return calls


def invoke(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["serve", *map(str, arguments)])


def test_a_folder_is_served_locally_and_without_keys(started: list[Started]) -> None:
    result = invoke("models/atis")
    assert (result.exit_code, result.output) == (0, "")
    ((folders, settings, keys),) = started
    assert folders == {"atis": Path("models/atis")}
    assert settings == Settings() and settings.host == "127.0.0.1"
    assert not keys


def test_every_option_reaches_the_server(started: list[Started], tmp_path: Path) -> None:
    key_file = tmp_path / "keys"
    key_file.write_text("a-key-of-mine\n")
    key_file.chmod(0o600)
    options = {
        "host": "::1",
        "port": 9000,
        "engine": "onnx",
        "threads": 2,
        "max-queue": 64,
        "max-batch": 8,
        "max-wait-ms": 1.5,
        "deadline-ms": 500,
        "max-texts": 9,
        "max-characters": 99,
        "max-body": 999,
        "low-confidence": 0.7,
    }
    flags = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    result = invoke("a=x", "b=y", *flags, "--log-texts", "--no-access-log", "--api-key-file", key_file)
    assert (result.exit_code, result.output) == (0, "")
    ((folders, settings, keys),) = started
    assert folders == {"a": Path("x"), "b": Path("y")} and list(folders) == ["a", "b"]
    wanted = {name.replace("-", "_"): value for name, value in options.items()}
    wanted["max_body_bytes"] = wanted.pop("max_body")
    assert settings == Settings(**wanted, log_texts=True, access_log=False)
    assert keys.opens("a-key-of-mine")


def test_open_doors_are_pointed_out(started: list[Started], tmp_path: Path) -> None:
    assert "warning: there are no keys: whoever reaches 0.0.0.0:8000" in invoke("m", "--host", "0.0.0.0").stderr
    key_file = tmp_path / "keys"
    key_file.write_text("a-key-of-mine\n")
    key_file.chmod(0o644)
    result = invoke("m", "--host", "0.0.0.0", "--api-key-file", key_file)
    assert result.stderr == f"warning: {key_file}: other users of this machine can read the keys; chmod 600 it\n"
    assert len(started) == 2


def test_the_exit_code_is_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "serve", lambda *_: 130)
    assert invoke("m").exit_code == 130


def test_names_are_given_or_taken_from_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = tmp_path / "a=b"
    odd.mkdir()
    assert named_folders(["x/atis/", "zh=x/y=z"]) == {"atis": Path("x/atis/"), "zh": Path("x/y=z")}
    assert named_folders(["."]) == {tmp_path.name: Path(".")}
    with pytest.raises(
        ConfigError, match=r"the model's name would be 'a=b'; expected letters, .* Name it: NAME=FOLDER\."
    ):
        named_folders(["a=b"])
    with pytest.raises(ConfigError, match="a second model called 'atis'; expected different names"):
        named_folders(["x/atis", "y/atis"])
    with pytest.raises(ConfigError, match="the model's name would be ''"):
        named_folders(["=x"])


def test_no_model_a_bad_folder_and_bad_keys_are_the_users_mistakes(tmp_path: Path) -> None:
    assert invoke().exit_code == 2
    result = invoke(tmp_path / "none", "--port", "0")
    assert (result.exit_code, "is not there; expected a folder" in result.stderr) == (2, True)
    result = invoke(tmp_path, "--api-key-file", tmp_path / "none")
    assert (result.exit_code, "Check the path given with --api-key-file" in result.stderr) == (2, True)
    assert invoke(tmp_path, "--max-batch", "0").exit_code == 2


def test_a_busy_port_is_told_before_a_model_is_loaded(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = invoke(tmp_path / "none", "--port", str(port))
    assert result.exit_code == 2
    assert f"error: 127.0.0.1:{port}: is taken by another program; expected a free port." in result.stderr


@pytest.mark.parametrize(
    ("host", "message"),
    [("no.such.host.invalid", "is no address; expected an address of this machine"), ("192.0.2.1", "is no address of")],
)
def test_a_host_that_is_not_ours(tmp_path: Path, host: str, message: str) -> None:
    result = invoke(tmp_path, "--host", host)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = invoke("m")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: jointbert serve: the optional part 'serve' is not installed. "
        "Install it with: pip install 'jointbert[serve]'\n"
    )
