"""Take the pictures of the app in docs/pictures: every page on the English demo, as a team finds it after some work.

    pip install -c constraints.txt -e '.[app]' playwright
    python docs/screenshot.py

It makes a workspace of its own, answers some utterances in two names, trains the smallest recipe and lets that model
suggest; it takes some minutes. Needs a Chromium; $CHROMIUM names its executable (default: /usr/bin/chromium). The
picture of the report is docs/report_picture.py's.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from jointbert import NLU
from jointbert.annotation import Project, Runs, Store

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PEOPLE = ("Ada", "Ben")
ANSWERED = 40
UTTERANCE = "book a flight from Boston to Denver tomorrow at 7 am"
WAIT = 120_000


@contextmanager
def app(workspace: Path) -> Iterator[str]:
    """The address of the running app."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jointbert.cli.main", "app", "--workspace", str(workspace)]
    with subprocess.Popen([*command, "--port", str(port), "--no-browser"], cwd=ROOT) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(600):
                time.sleep(0.2)
                try:
                    urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                    break
                except OSError:
                    continue
            yield address
        finally:
            server.terminate()


def work(project: Project, runs: Runs) -> None:
    """What a team does first: answers in two names, of which some differ, a training, and its suggestions."""
    run = runs.start(project, "smallest", PEOPLE[0])
    while (run := runs.get(run.id)).state == "running":
        time.sleep(1)
    assert run.model is not None, run.message
    project.suggest(NLU.load(run.model), str(run.model), run.id)
    project.edit(PEOPLE[0], model=str(run.model))
    intents = project.schema().intent_names
    for number, item in enumerate(project.find(status="untouched", limit=ANSWERED)):
        guess = project.item(item.id, PEOPLE[0]).suggestion
        assert guess is not None
        project.answer(item.id, PEOPLE[0], "accepted", guess.intent, guess.spans)
        if number % 3 == 0:
            other = guess.intent if number % 2 else intents[number % len(intents)]
            project.answer(item.id, PEOPLE[1], "accepted", other, guess.spans[:1])


def chromium(driver: Playwright) -> Browser:
    """A browser without a window."""
    return driver.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
    )


def settled(page: Page) -> None:
    """Return when the page has stopped moving."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=WAIT)
    page.wait_for_timeout(2500)


def shoot(page: Page, name: str) -> None:
    """Save what the page shows."""
    settled(page)
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    print(PICTURES / f"{name}.png", flush=True)


def take(page: Page, address: str, workspace: Path) -> None:
    """All pictures, in the order of the work."""
    page.goto(f"{address}/?annotator={PEOPLE[0]}")
    shoot(page, "welcome")
    page.get_by_role("button", name="Load the demo project in English").click()
    page.get_by_text("Chosen").first.wait_for(timeout=WAIT)  # the demo is in the store
    with Store.open(workspace / "jointbert.db") as store:
        work(store.project(1), Runs(workspace / "runs"))
    here = f"?annotator={PEOPLE[0]}&project=1"
    for name in ("annotate", "review"):
        page.goto(f"{address}/{name}{here}")
        shoot(page, name)
    page.goto(f"{address}/data{here}")
    settled(page)
    page.get_by_text("Charts", exact=True).first.click()
    shoot(page, "data")
    page.goto(f"{address}/train{here}")
    page.wait_for_timeout(8000)  # its charts are drawn last
    shoot(page, "train")
    page.goto(f"{address}/test{here}")
    settled(page)
    page.get_by_label("Utterances, one per line").fill(UTTERANCE)
    page.get_by_role("button", name="Parse").click()
    page.wait_for_timeout(8000)  # the first parse loads the model
    shoot(page, "test")


def main() -> None:
    """Make the workspace and take the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as address, sync_playwright() as driver:
        browser = chromium(driver)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(WAIT)
        take(page, address, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
