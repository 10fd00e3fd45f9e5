"""``jointbert app``: the annotation app in a browser."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

LOCAL = {"localhost", "127.0.0.1", "::1"}
MAX_UPLOAD_MB = 200


def start_app(
    workspace: Annotated[
        Path, typer.Option(envvar="JOINTBERT_WORKSPACE", help="Where the database, the runs and the models are kept.")
    ] = Path("jointbert-workspace"),
    database: Annotated[
        str | None,
        typer.Option(
            envvar="JOINTBERT_DATABASE",
            help="A SQLite file, or postgresql://USER@HOST/NAME; jointbert.db in the workspace when not given.",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Where it listens; 0.0.0.0 lets other machines in.")] = "localhost",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port it listens on.")] = 8501,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Annotate, review, train and test in a browser, until Ctrl-C.

    \b
    Example:
      jointbert app --workspace my-bot
    """
    page = _page()
    workspace = workspace.absolute()
    _make(workspace)
    database = database or str(workspace / "jointbert.db")
    _check_database(database)
    _check_port(host, port)
    typer.echo(f"workspace: {workspace} (Ctrl-C ends the app; runs that are going on are not stopped)")
    if host not in LOCAL:
        typer.echo(f"warning: there are no passwords: whoever reaches {host}:{port} can change everything", err=True)
    environment = dict(os.environ) | {"JOINTBERT_WORKSPACE": str(workspace), "JOINTBERT_DATABASE": database}
    _become(server_command(page, host, port, browser=not no_browser and _has_display()), environment)


def server_command(page: Path, host: str, port: int, *, browser: bool) -> list[str]:
    """The command that serves the app.

    Args:
        page: The app's first page.
        host: Where it listens.
        port: The port.
        browser: Whether it opens one.
    """
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": str(not browser).lower(),
        "server.showEmailPrompt": "false",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": MAX_UPLOAD_MB,
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
    }
    flags = [f"--{key}={value}" for key, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(page), *flags]


def _page() -> Path:
    """The app's first page.

    Raises:
        MissingExtraError: What the app needs is not installed.
    """
    from importlib.util import find_spec

    from jointbert.errors import MissingExtraError

    if find_spec("streamlit") is None:
        raise MissingExtraError("app", "jointbert app")
    from jointbert.annotation.demo import packaged_folder

    return packaged_folder("jointbert_app", "app", "Home.py") / "Home.py"


def _make(workspace: Path) -> None:
    from jointbert.errors import StoreError

    try:
        workspace.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Name another with --workspace."
        raise StoreError(str(workspace), f"cannot be made ({error.strerror})", "a folder of your own", hint) from error


def _check_database(database: str) -> None:
    """Open the store once, so that what is wrong with it is said here and not in the browser."""
    from jointbert.annotation.store import Store

    Store.open(database).close()


def _check_port(host: str, port: int) -> None:
    """Raise ConfigError unless something may listen there."""
    from jointbert.errors import ConfigError

    where = f"{host}:{port}"
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ConfigError(where, "is no address", "an address of this machine", "Leave --host out.") from None
    refusals = [refusal for family, _, _, _, place in places if (refusal := _refusal(family, place))]
    if errno.EADDRINUSE in refusals:
        hint = f"Choose another: --port {port + 1 if port < 65535 else 8501}"
        raise ConfigError(where, "is taken by another program", "a free port", hint)
    if errno.EACCES in refusals:
        raise ConfigError(where, "is not allowed to you", "a port from 1024 on", "Choose one with --port.")
    if len(refusals) == len(places):
        raise ConfigError(where, "is no address of this machine", "one of its own", "Leave --host out.")


def _refusal(family: int, place: tuple[object, ...]) -> int | None:
    """Why the system lets nobody listen at a place; None if it does."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":  # a port that was left a moment ago is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return None


def _has_display() -> bool:
    """Whether a browser could be shown here."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _become(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Go on as another program: signals reach it without us in between, and nothing is left behind."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, environment)
