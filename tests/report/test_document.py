"""docs/report.md tells of every section and every file there is."""

from __future__ import annotations

import re
from pathlib import Path

from jointbert.report.mistakes import MOST, NAME
from jointbert.report.prose import LONGEST
from jointbert.report.run import CONFUSIONS, PAGE, RELIABILITY, SLOTS, TEXT

FOLDER = Path("jointbert") / "report"


def first_cells(document: str, heading: str) -> list[str]:
    """The first column of the table under a heading."""
    table = document.split(heading, 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| ([^|-][^|]*?) \|", table, re.MULTILINE)[1:]


def test_it_names_every_section_in_order(repository: Path) -> None:
    document = (repository / "docs" / "report.md").read_text(encoding="utf-8")
    template = (repository / FOLDER / "page.html.j2").read_text(encoding="utf-8")
    told = [cell.lower() for cell in first_cells(document, "## What it says")]
    headings = ["scores", *(found.lower() for found in re.findall(r"<h2>(.*?)</h2>", template))]
    assert len(told) == len(headings) == 12
    assert all(heading.startswith(cell) for cell, heading in zip(told, headings, strict=True))


def test_it_names_every_file_and_bound(repository: Path) -> None:
    document = (repository / "docs" / "report.md").read_text(encoding="utf-8")
    cells = first_cells(document, "# The report on a model")
    assert [name for cell in cells for name in re.findall("`(.*?)`", cell)] == [
        PAGE,
        TEXT,
        CONFUSIONS,
        SLOTS,
        RELIABILITY,
    ]
    assert document.count(f"the {MOST} ") == 2
    assert f"texts at {LONGEST} characters, names and values of mistakes\nat {NAME}" in document
    assert (repository / "docs" / "pictures" / "report.png").is_file()
