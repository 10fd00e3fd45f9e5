"""A real Streamlit server and a real browser for the tests of pages.

The browser lives as long as one test file: while it does, Playwright keeps an event loop running in this thread, and
no other test could call asyncio.run. Debian's Chromium is used; the variable CHROMIUM names another.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "PYTHONUNBUFFERED": "1",
}
START_SECONDS = 120
WAIT_MILLISECONDS = 60_000


@dataclass(frozen=True)
class Server:
    """A Streamlit process that answers at ``url``."""

    url: str
    script: Path
    process: subprocess.Popen[bytes]
    log: Path

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def wait(self) -> None:
        """Return when the server answers; fail the test with its log when it does not."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            if self.healthy():
                return
            time.sleep(0.1)
        pytest.fail(f"streamlit run {self.script} did not come up; its log:\n{self.said()}")

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


SERVERS = pytest.StashKey[list[Server]]()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium; its tests are skipped where it, or playwright, is not installed."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}: install it, or name one in the variable CHROMIUM")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def streamlit_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Server]]:
    """``streamlit_server(script, env=..., cwd=..., port=...)`` starts one; all of a file's are stopped at its end."""
    servers: list[Server] = []
    request.config.stash[SERVERS] = servers

    def start(
        script: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, port: int | None = None
    ) -> Server:
        port = port or free_port()
        log = tmp_path_factory.mktemp("streamlit") / "log.txt"
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **SETTINGS, **(env or {})}, stdout=output, stderr=output
            )
        server = Server(f"http://127.0.0.1:{port}", script, process, log)
        servers.append(server)
        server.wait()
        return server

    yield start
    for server in servers:
        server.stop()
    request.config.stash[SERVERS] = []


@contextmanager
def what_the_page_said(page: Any) -> Iterator[None]:
    """Adds what is on the page to an error that passes."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"{page.url} shows:\n{page.locator('body').inner_text()[:1500]}")
        raise


@pytest.fixture(scope="module")
def open_page(browser: Any) -> Callable[..., AbstractContextManager[Any]]:
    """``with open_page() as page``: a fresh page, 1280 by 800, with its own cookies.

    On the way out it fails if the page logged an error or opened a dialog, or if Streamlit shows an exception.
    ``open_page(cut=True)`` does not mind what the page logs, as it does while its server is away.
    """

    @contextmanager
    def open_page(cut: bool = False) -> Iterator[Any]:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        context.set_default_timeout(WAIT_MILLISECONDS)
        page = context.new_page()
        errors: list[str] = []
        if not cut:
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))

        def dismiss(dialog: Any) -> None:
            errors.append(f"a dialog: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", dismiss)
        try:
            with what_the_page_said(page):
                yield page
            shown = page.get_by_test_id("stException").all_inner_texts()
        finally:
            context.close()
        assert shown == [], "Streamlit shows an exception"
        assert errors == [], "the page logged errors"

    return open_page


@pytest.fixture
def page(open_page: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    """One page for one test."""
    with open_page() as page:
        yield page


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Put what the servers said into the report of a failed test."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed:
        for server in item.config.stash.get(SERVERS, []):
            report.sections.append((f"log of streamlit run {server.script.name}", server.said()))
