"""docs/tokenizers.md: its example prints what it shows, and its numbers are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jointbert.codec.alphabet import IDEOGRAPHS_COVERED, OTHERS_COVERED
from jointbert.codec.scratch import LONGEST_WORD
from jointbert.pretraining.tokenizer import FEWEST, MOST


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs" / "tokenizers.md").read_text(encoding="utf-8")


def test_the_example_prints_what_it_shows(
    page: str, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    found = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datasets").symlink_to(repository / "datasets")
    exec(compile(found[1], "docs/tokenizers.md", "exec"), {})
    assert capsys.readouterr().out == found[2]


def test_the_numbers_are_those_of_the_code(page: str) -> None:
    text = " ".join(page.split())
    assert f"up to {IDEOGRAPHS_COVERED:.2%}".replace("%", " %") in text
    assert f"cover {OTHERS_COVERED['zh']:.1%}".replace("%", " %") in text
    assert f"of all characters, {OTHERS_COVERED['en']:.2%}".replace("%", " %") in text
    assert f"at most {LONGEST_WORD} characters" in text
    assert f"may have {FEWEST} to {MOST:,} pieces" in text
