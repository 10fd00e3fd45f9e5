"""Take docs/app.png: the page with the English demo's parse of an utterance.

    make demo
    streamlit run app/Home.py --server.headless true --server.port 8599
    pip install playwright
    python docs/screenshot.py

Needs a Chromium; $CHROMIUM names its executable (default: /usr/bin/chromium).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ADDRESS = "http://localhost:8599"
UTTERANCE = "book a flight from Boston to Denver tomorrow at 7 am"


def main(utterance: str = UTTERANCE, picture: Path = Path(__file__).parent / "app.png") -> None:
    """Type the utterance into the page and save what it shows."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1340})
        page.goto(ADDRESS, wait_until="networkidle")
        page.get_by_label("Utterance").fill(utterance)
        page.get_by_role("button", name="Parse").click()
        page.get_by_role("heading", name="Slots").wait_for(timeout=120_000)
        page.wait_for_timeout(3000)
        page.screenshot(path=str(picture))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:2])
