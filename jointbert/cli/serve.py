"""``jointbert serve``: models behind HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jointbert.cli.engine import EngineOption

if TYPE_CHECKING:
    from jointbert.serve.keys import Keys
    from jointbert.serve.settings import Settings

NEEDED = ("fastapi", "uvicorn", "prometheus_client")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


Models = Annotated[list[str], typer.Argument(help="Model folders, each as FOLDER or NAME=FOLDER.")]
Host = Annotated[str, typer.Option(help="Where it listens; 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port it listens on; 0 takes any.")]
Threads = Annotated[int | None, typer.Option(min=1, max=1024, help="Threads that compute a batch.")]
KeyFile = Annotated[
    Path | None, typer.Option(help="A file with a key a line; requests need one of them. Not given: open to all.")
]
MaxQueue = Annotated[int, typer.Option(min=1, max=1_000_000, help="Texts that may wait; past it: 429.")]
MaxBatch = Annotated[int, typer.Option(min=1, max=4096, help="Texts computed at once; 1: no batching.")]
MaxWait = Annotated[float, typer.Option(min=0, max=10_000, help="How long a batch that is not full waits for more.")]
Deadline = Annotated[float, typer.Option(min=1, max=3_600_000, help="How long a request may take; after it: 504.")]
MaxTexts = Annotated[int, typer.Option(min=1, max=1_000_000, help="Texts in one request; past it: 422.")]
MaxCharacters = Annotated[int, typer.Option(min=1, max=1 << 30, help="Characters in one text; past it: 422.")]
MaxBody = Annotated[int, typer.Option(min=1, max=1 << 30, help="Bytes in one body; past it: 413.")]
LowConfidence = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Intents below it are counted as unsure in /metrics.")
]
LogTexts = Annotated[bool, typer.Option("--log-texts", help="Show what was asked in the log.")]
AccessLog = Annotated[bool, typer.Option(help="A line in the log for each request.")]


def serve(
    models: Models,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    engine: EngineOption = "auto",
    threads: Threads = None,
    api_key_file: KeyFile = None,
    max_queue: MaxQueue = 512,
    max_batch: MaxBatch = 32,
    max_wait_ms: MaxWait = 0.0,
    deadline_ms: Deadline = 2000.0,
    max_texts: MaxTexts = 256,
    max_characters: MaxCharacters = 10_000,
    max_body: MaxBody = 1 << 20,
    low_confidence: LowConfidence = 0.5,
    log_texts: LogTexts = False,
    access_log: AccessLog = True,
) -> None:
    """Serve models over HTTP, until Ctrl-C or SIGTERM; SIGHUP loads them anew.

    \b
    Examples:
      jointbert serve models/demo-en
      jointbert serve en=models/demo-en zh=models/demo-zh --api-key-file keys.txt --host 0.0.0.0
      curl localhost:8000/parse -d '{"text": "book a table for two in Rome"}'
    """
    _check_installed()
    from jointbert.serve.run import serve as run
    from jointbert.serve.settings import Settings

    where: dict[str, Any] = {"host": host, "port": port, "log_texts": log_texts, "access_log": access_log}
    queue: dict[str, Any] = {
        "max_queue": max_queue,
        "max_batch": max_batch,
        "max_wait_ms": max_wait_ms,
        "deadline_ms": deadline_ms,
    }
    limits: dict[str, Any] = {"max_body_bytes": max_body, "max_texts": max_texts, "max_characters": max_characters}
    settings = Settings(engine=engine, threads=threads, low_confidence=low_confidence, **where, **queue, **limits)
    folders = named_folders(models)
    keys = _keys(api_key_file, settings)
    raise typer.Exit(run(folders, settings, keys))


def named_folders(arguments: Sequence[str]) -> dict[str, Path]:
    """Name → folder of what was given as FOLDER or NAME=FOLDER; a bare folder is called as its last part is.

    Raises:
        ConfigError: A name is none, or is given twice.

    Example:
        >>> named_folders(["models/atis", "zh=models/demo-zh"])
        {'atis': PosixPath('models/atis'), 'zh': PosixPath('models/demo-zh')}
    """
    from jointbert.errors import ConfigError

    found: dict[str, Path] = {}
    for argument in arguments:
        name, equals, folder = argument.partition("=")
        if not equals or Path(argument).is_dir():
            name, folder = Path(argument).resolve().name, argument
        if not NAME.fullmatch(name):
            expected = "letters, digits, dots, dashes and underscores"
            raise ConfigError(argument, f"the model's name would be {name!r}", expected, "Name it: NAME=FOLDER.")
        if name in found:
            raise ConfigError(argument, f"a second model called {name!r}", "different names", "Name it: NAME=FOLDER.")
        found[name] = Path(folder)
    return found


def _check_installed() -> None:
    """Raise MissingExtraError unless what the server needs is installed."""
    from importlib.util import find_spec

    from jointbert.errors import MissingExtraError

    if any(find_spec(name) is None for name in NEEDED):
        raise MissingExtraError("serve", "jointbert serve")


def _keys(path: Path | None, settings: Settings) -> Keys:
    """The keys in the file, with warnings on standard error where they, or their lack, are a risk."""
    from jointbert.serve.keys import Keys, is_open_to_others, read_keys

    if path is None:
        if not settings.is_local:
            risk = f"whoever reaches {settings.host}:{settings.port} can ask this server; --api-key-file closes it"
            typer.echo(f"warning: there are no keys: {risk}", err=True)
        return Keys()
    keys = read_keys(path)
    if is_open_to_others(path):
        typer.echo(f"warning: {path}: other users of this machine can read the keys; chmod 600 it", err=True)
    return keys
