"""docs/similar.md: its example prints what it shows, its sizes are those of the code, its places hold its texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jointbert import Encoder
from jointbert.inference.centring import FEWEST
from jointbert.inference.nearest import BLOCK
from jointbert.inference.similar import THRESHOLD


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs" / "similar.md").read_text(encoding="utf-8")


def test_the_example_prints_what_it_shows(page: str, capsys: pytest.CaptureFixture) -> None:
    found = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
    assert found is not None
    exec(compile(found[1], "docs/similar.md", "exec"), {})
    assert capsys.readouterr().out == found[2]


def test_the_sizes_are_those_of_the_code(page: str) -> None:
    hidden = Encoder.load("mini-en").hidden
    assert f"for 100,000 utterances and {hidden} dimensions" in page
    assert f"take {100_000 * hidden * 4 / 1e6:.0f} MB" in page
    assert f"takes {BLOCK * BLOCK * 4 / 1e6:.0f} MB" in page


def test_the_least_number_of_texts_and_the_threshold_are_those_of_the_code(page: str) -> None:
    assert f"Below {FEWEST} different texts" in page
    assert f" pairs at {THRESHOLD:g} or above among 3200 utterances" in page


def test_the_places_it_shows_hold_the_texts_it_shows(page: str, repository: Path) -> None:
    shown = re.findall(r"(datasets/\S+\.jsonl):(\d+) (\w+): (.*)", page)
    assert len(shown) == 9
    for file, number, intent, text in shown:
        line = (repository / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        assert f'"text": "{text}", "intent": "{intent}"' in line
