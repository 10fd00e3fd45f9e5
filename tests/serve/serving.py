"""The real server as a process: started on a free port, asked over HTTP, ended by a signal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

KEY = "a-key-for-tests-only"
START_SECONDS = 120
ADDRESS = re.compile(r"serving .* on (http://\S+) ")


def save_other(place: Path) -> Path:
    """A folder of a model with another tokenizer, other labels and other weights than the tiny one."""
    import tiny

    from jointbert.checkpoint.folder import save_folder
    from jointbert.labels import Labels, LabelSet

    labels = Labels(LabelSet("intent", ("order", "ask", "cancel", "bye")), LabelSet("slot", ("dish", "time")))
    model = tiny.model(labels, "chinese", crf=True)
    save_folder(place, model, tiny.chinese(), labels, {"model_card.md": "# other\n"})
    return place


class Server:
    """A server that is up.

    Args:
        process: Its process.
        log_path: Where its standard error goes.
        url: Its address.
    """

    def __init__(self, process: subprocess.Popen[bytes], log_path: Path, url: str) -> None:
        self.process = process
        self.log_path = log_path
        self.url = url

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self.log_path.read_text(encoding="utf-8")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """Its exit code."""
        return self.process.wait(seconds)

    def wait_for_log(self, words: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while words not in self.log:
            assert time.monotonic() < end, f"the log never said {words!r}:\n{self.log}"
            time.sleep(0.02)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request on a connection of its own."""
        return httpx.request(method, self.url + path, timeout=30, **options)


@contextmanager
def serving(*arguments: str | Path) -> Iterator[Server]:
    """A server started with these arguments of ``jointbert serve``, ended when the block ends."""
    with tempfile.TemporaryDirectory() as place:
        log_path = Path(place) / "log"
        command = [sys.executable, "-m", "jointbert.cli.main", "serve", *map(str, arguments), "--port", "0"]
        with log_path.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"})
        try:
            yield Server(process, log_path, _address(process, log_path))
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _address(process: subprocess.Popen[bytes], log_path: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        found = ADDRESS.search(log_path.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"the server did not come up (exit code {process.poll()}):\n{log_path.read_text()}")
