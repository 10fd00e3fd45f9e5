"""The script that takes the picture of docs/report.md: its halves side by side, each where it belongs."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image


def test_two_halves_stand_side_by_side(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("playwright")
    monkeypatch.setattr(sys, "path", [str(repository / "docs"), *sys.path])
    script = import_module("report_picture")
    for name, colour in (("left", "red"), ("right", "blue")):
        Image.new("RGB", (30, 20), colour).save(tmp_path / f"{name}.png")
    script.join([tmp_path / "left.png", tmp_path / "right.png"], tmp_path / "both.png")
    both = Image.open(tmp_path / "both.png")
    assert both.size == (60, 20)
    assert both.getpixel((29, 10)) == (255, 0, 0) and both.getpixel((30, 10)) == (0, 0, 255)
    assert script.RIGHT == "h2:text-is('Intents')"
    template = (repository / "jointbert" / "report" / "page.html.j2").read_text(encoding="utf-8")
    assert "<h2>Intents</h2>" in template and "<h1" in template
