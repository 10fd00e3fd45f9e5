"""Take the picture of docs/report.md: the report on a model, its head on the left, from its intents on on the right.

    jointbert data get atis && jointbert train configs/atis.yaml --output models/atis
    python docs/report_picture.py models/atis datasets/atis/test

It writes the report anew, into a folder of its own, and opens it. Paths are shown in the picture as they are given.
Needs what docs/screenshot.py needs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from screenshot import PICTURES, chromium

from jointbert.report.run import report

COLUMN, HEIGHT, SCALE = 1024, 1173, 0.85
"""Width and height of the window, and of each half by it."""
RIGHT = "h2:text-is('Intents')"


def halves(page: Path, folder: Path) -> list[Path]:
    """The two halves of a report's page as pictures in a folder, the left one first."""
    found = []
    with sync_playwright() as driver:
        browser = chromium(driver)
        tab = browser.new_page(viewport={"width": COLUMN, "height": HEIGHT}, device_scale_factor=SCALE)
        tab.goto(page.resolve().as_uri())
        for name, heading in (("left", "h1"), ("right", RIGHT)):
            tab.locator(heading).first.evaluate("node => window.scrollTo(0, node.offsetTop - 24)")
            found.append(folder / f"{name}.png")
            tab.screenshot(path=str(found[-1]))
        browser.close()
    return found


def join(pictures: list[Path], target: Path) -> None:
    """Pictures of one height side by side in one file."""
    opened = [Image.open(picture).convert("RGB") for picture in pictures]
    whole = Image.new("RGB", (sum(each.width for each in opened), opened[0].height))
    left = 0
    for each in opened:
        whole.paste(each, (left, 0))
        left += each.width
    whole.save(target, optimize=True)


def main() -> None:
    """Write the report and take its picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model folder")
    parser.add_argument("data", type=Path, help="labelled utterances that it was not trained on")
    parser.add_argument("--output", type=Path, default=PICTURES / "report.png")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = report(arguments.model, arguments.data, Path(folder) / "report")[0]
        join(halves(page, Path(folder)), arguments.output)
    print(arguments.output)


if __name__ == "__main__":
    main()
