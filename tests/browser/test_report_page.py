"""The report in a real browser: it loads nothing, shows hostile data as text, fits its window, and has two themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from invented import HOSTILE, hostile

from jointbert.report.html import to_html
from jointbert.visible import visible

BODY_COLOURS = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page on hostile data, as a file."""
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html(hostile()), encoding="utf-8")
    return path.as_uri()


def test_it_loads_nothing_and_shows_hostile_data_as_text(page: Any, address: str) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(address)
    assert loaded == [address]
    assert page.evaluate("document.querySelectorAll('script, img, a, iframe, [onerror], [onmouseover]').length") == 0
    said = page.locator("body").inner_text()
    for text in HOSTILE:
        assert " ".join(visible(text).split()) in " ".join(said.split())


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_its_window(page: Any, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_light_and_dark_have_their_own_colours(page: Any, address: str) -> None:
    page.goto(address)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(BODY_COLOURS) == ["rgb(255, 255, 255)", "rgb(28, 39, 51)"]
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(BODY_COLOURS) == ["rgb(20, 25, 31)", "rgb(227, 232, 238)"]
