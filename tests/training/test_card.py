"""A card's lines on the scope are made anew wherever they stand; what people wrote beside them stays, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.codec.scope import Scope
from jointbert.codec.scope_logits import MaxProbability
from jointbert.training.card import CARD, card_with_scope, scope_lines

SCOPE = Scope(MaxProbability(), 0.25, "oos", None, {"dev": 8, "dev_out_of_scope": 3, "rule": r"a \1 rule"})
NONE = b"- Scope: the model does not tell what is out of scope\n"
TOLD = (
    b"- Scope: out of scope is what `max-probability` scores below 0.25, "
    b"chosen on 8 dev utterances in scope and 3 out of it:\n  a \\1 rule\n"
)


def remade(folder: Path, card: bytes, scope: Scope | None) -> bytes:
    (folder / CARD).write_bytes(card)
    return card_with_scope(folder, scope)[CARD]


def test_the_lines_of_a_scope() -> None:
    assert scope_lines(None).encode() == NONE
    assert scope_lines(SCOPE).encode() == TOLD


@pytest.mark.parametrize("before", [b"# Mine\r\n\xff\n- 3 slots: `a`\n", b""])
@pytest.mark.parametrize("after", [b"", b"\n  indented, but not ours\n- Scope of the work: mine\n"])
def test_they_are_replaced_in_both_directions(tmp_path: Path, before: bytes, after: bytes) -> None:
    card = before + NONE + after
    told = remade(tmp_path, card, SCOPE)
    assert told == before + TOLD + after
    assert remade(tmp_path, told, None) == card
    assert remade(tmp_path, told, SCOPE) == told


def test_a_last_line_without_an_end_is_one_too(tmp_path: Path) -> None:
    assert remade(tmp_path, b"# Mine\n" + NONE.rstrip(), SCOPE) == b"# Mine\n" + TOLD
    assert remade(tmp_path, b"# Mine\n" + TOLD.rstrip(), None) == b"# Mine\n" + NONE


def test_a_card_without_them_gets_them_and_a_folder_without_a_card_gets_none(tmp_path: Path) -> None:
    assert card_with_scope(tmp_path, SCOPE) == {}
    assert remade(tmp_path, b"# Mine\n\n", SCOPE) == b"# Mine\n\n" + TOLD
