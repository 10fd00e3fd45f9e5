"""How quick the app is on a project of 50,000 utterances: its pages, the next utterance, and the store beneath.

python benchmarks/app_speed.py [--workspace FOLDER] [--recipe smallest]

Builds the project (see big_project.py; a FOLDER that holds one is used as it is), starts the app, opens every page in
a headless Chromium, and answers utterances by key. Each visit is a load of the address, its files in the browser's
cache; a section of a page is opened by a click on its name. First paint is when the heading and what the page is about
stand there and the server has finished; whole is when tables, charts and editors are drawn, too.
"""

from __future__ import annotations

import argparse
import json
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
from statistics import median, quantiles
from typing import Any, NamedTuple

from big_project import FIRST, build
from machine import machine
from playwright.sync_api import Page, sync_playwright
from store_speed import store_times
from stream_memory import resident

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SETTINGS = {
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}
PATIENCE = 120_000
"""Milliseconds until a page that does not come is given up."""
TABLE, CHART, EDITOR = '[data-testid="stDataFrame"] canvas', ".js-plotly-plot .main-svg", ".editor[data-document]"


class View(NamedTuple):
    """Something to look at, and how to tell that it is there.

    Args:
        name: For the table.
        heading: Of the page.
        sign: Words that only this view shows.
        drawn: A selector of what is drawn last; empty for words alone.
        path: Of its address; for a section: empty, it is opened by a click.
    """

    name: str
    heading: str
    sign: str
    drawn: str = ""
    path: str = ""


PAGES = (
    View("Start", "Teach a model", "50,000 utterances answered", "", "/"),
    View("Test", "Test a model", "Nothing parsed yet", "", "/test"),
    View("Annotate", "Annotate", "Which comes next", EDITOR, "/annotate"),
    View("Review", "Review", "to decide", EDITOR, "/review"),
    View("Data", "Data", "50,000 utterances. Choose a row", TABLE, "/data"),
    View("Train", "Train & measure", "How it learned", "", "/train"),
)
SECTIONS = {
    "Review": (
        View("Agreement", "Review", "How to read it", TABLE),
        View("Model against label", "Review", "the most suspicious first"),
    ),
    "Data": (
        View("Import", "Data", "Nothing is stored before"),
        View("Export", "Data", "Prepare the file"),
        View("Check", "Data", "Check the data"),
        View("Charts", "Data", "Lengths", CHART),
        View("Labels", "Data", "Change one", TABLE),
        View("Guidelines", "Data", "Name of the project"),
        View("History", "Data", "Only my own", TABLE),
        View("Browse", "Data", "50,000 utterances. Choose a row", TABLE),
    ),
}

DEEP = """(selector) => document.querySelector(selector) ?? [...document.querySelectorAll("[data-testid^=stBidi]")]
    .map((host) => host.shadowRoot?.querySelector(selector)).find(Boolean)"""
READY = f"""([heading, sign, drawn]) => {{
  const deep = {DEEP};
  const app = document.querySelector("[data-testid=stApp]");
  const title = [...document.querySelectorAll("h1")].some((node) => node.textContent.includes(heading));
  if (!app || !title || app.dataset.testScriptState !== "notRunning" || !app.textContent.includes(sign)) return false;
  window.paintedAt ??= performance.now();
  const busy = "[data-testid=stSkeleton], [data-testid=stSpinner], [data-testid=stAppSkeleton]";
  if (document.querySelector(busy) || (drawn && !deep(drawn))) return false;
  return [window.paintedAt, performance.now()].map((at) => at - (window.clickedAt ?? 0));
}}"""
CLICKED = """addEventListener("pointerdown", (event) => {
  [window.clickedAt, window.paintedAt] = [event.timeStamp, undefined];
}, {capture: true})"""
PRESSED = f"""() => {{
  const deep = {DEEP};
  const shown = () => deep(".editor[data-document]")?.dataset.document;
  const before = shown();
  window.next = new Promise((resolve) => addEventListener("keydown", (event) => {{
    const look = () => shown() && shown() !== before ? resolve(performance.now() - event.timeStamp)
      : requestAnimationFrame(look);
    look();
  }}, {{capture: true, once: true}}));
}}"""


class Server:
    """The app, running.

    Attributes:
        url: Its address.
        pid: Its process.
    """

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.pid, self.url = process.pid, url

    def cpu(self) -> float:
        """Milliseconds that its threads have computed so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(workspace: Path) -> Iterator[Server]:
    """The app on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "app/Home.py", "--server.port", str(port)]
    environment = {**os.environ, **SETTINGS, "JOINTBERT_WORKSPACE": str(workspace)}
    process = subprocess.Popen(command, cwd=HERE.parent, env=environment, stdout=subprocess.DEVNULL)
    try:
        server = Server(process, f"http://127.0.0.1:{port}")
        while not _healthy(server.url):
            if process.poll() is not None:
                raise RuntimeError(f"the app ended with {process.returncode}")
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait(page: Page, view: View) -> dict[str, float]:
    """Milliseconds from the start (a load, or a click) to the first ``paint`` of a view, and to the ``whole``."""
    found = page.wait_for_function(READY, arg=[view.heading, view.sign, view.drawn], timeout=PATIENCE)
    painted, whole = found.json_value()
    return {"paint": painted, "whole": whole}


def visit(page: Page, server: Server, view: View) -> dict[str, dict[str, float]]:
    """Load a page, then click through its sections; name -> milliseconds waited for and computed by the server."""
    took, before = {}, server.cpu()

    def note(name: str, waited: dict[str, float]) -> None:
        nonlocal before
        now = server.cpu()
        took[name], before = {**waited, "server": now - before}, now

    page.goto(f"{server.url}{view.path}?annotator={FIRST}&project=1", wait_until="commit")
    note(view.name, wait(page, view))
    page.evaluate(CLICKED)
    for section in SECTIONS.get(view.name, ()):
        page.get_by_text(section.name, exact=True).first.click()
        note(f"{view.name}: {section.name}", wait(page, section))
    return took


def visits(page: Page, server: Server, rounds: int) -> dict[str, dict[str, Any]]:
    """View -> its first visit, and median and worst of the warm ones, in milliseconds."""
    seen: dict[str, list[dict[str, float]]] = {}
    for number in range(rounds + 1):
        for view in PAGES:
            for name, took in visit(page, server, view).items():
                seen.setdefault(name, []).append(took)
                print(f"round {number}: {name}", {key: round(value) for key, value in took.items()}, flush=True)
    return {name: _summary(took) for name, took in seen.items()}


def _summary(took: list[dict[str, float]]) -> dict[str, int]:
    warm = {key: [one[key] for one in took[1:]] for key in took[0]}
    found = {
        "first": took[0]["paint"],
        "paint": median(warm["paint"]),
        "paint_max": max(warm["paint"]),
        "whole": median(warm["whole"]),
        "whole_max": max(warm["whole"]),
        "server_cpu": median(warm["server"]),
    }
    return {key: round(value) for key, value in found.items()}


def next_utterance(page: Page, server: Server, times: int) -> dict[str, int]:
    """From the key that accepts to the next utterance on the page, in milliseconds."""
    view = PAGES[2]
    page.goto(f"{server.url}{view.path}?annotator={FIRST}&project=1", wait_until="commit")
    wait(page, view)
    took, computed = [], server.cpu()
    for _ in range(times):
        page.evaluate(PRESSED)
        page.keyboard.press("a")
        took.append(float(page.evaluate("window.next")))
        wait(page, view)
        page.wait_for_timeout(300)
    cuts = quantiles(took, n=20)
    server_cpu = round((server.cpu() - computed) / times)
    return {"times": times, "p50": round(median(took)), "p95": round(cuts[18]), "server_cpu": server_cpu}


def measure(workspace: Path, rounds: int, times: int) -> dict[str, Any]:
    """All that is seen from outside."""
    with serving(workspace) as server, sync_playwright() as playwright:
        idle = round(resident(server.pid))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        pages = visits(page, server, rounds)
        following = next_utterance(page, server, times)
        print(f"next utterance: {following}", flush=True)
        browser.close()
        memory = {"idle": idle, "after": round(resident(server.pid))}
    return {"pages_ms": pages, "next_utterance_ms": following, "server_mib": memory}


def main() -> None:
    """Build, measure, and keep the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--utterances", type=int, default=50_000)
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--recipe", default="smallest")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--output", type=Path, default=HERE / "results" / "app_speed.json")
    parser.add_argument("--note", default="", help="what else the machine did, for the record")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jointbert-app-") as scratch:
        workspace = (given.workspace or Path(scratch)).absolute()
        if not (workspace / "jointbert.db").exists():
            print(json.dumps(build(workspace, given.utterances, given.answers, given.recipe)), flush=True)
        load = os.getloadavg()[0]
        seen = measure(workspace, given.rounds, given.times)
        store = store_times(workspace / "jointbert.db")
    about = {"machine": machine(), "date": time.strftime("%Y-%m-%d"), "rounds": given.rounds}
    busy = {"note": given.note, "load": [round(load, 1), round(os.getloadavg()[0], 1)]}
    record = {**about, **busy, **store.pop("sizes"), **seen, "store_ms": store}
    given.output.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
