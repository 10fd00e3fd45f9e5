"""The picture: it is a PNG, it needs no display, and no name is read as a formula."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from matplotlib.cbook import is_math_text

from jointbert.errors import DataError
from jointbert.evaluation.pairing import pair_up
from jointbert.evaluation.picture import NO_INTENT, confused_matrix, confusion_picture, label_of
from jointbert.utterance import Parse, Span, Utterance

TEXT = "to rome"
HOSTILE = r"$\frac{1}$"


def test_a_png_is_written_even_with_names_that_look_like_formulas(tmp_path: Path) -> None:
    span, other = Span.of(TEXT, HOSTILE, 3, 7), Span.of(TEXT, "$x^$", 3, 7)
    gold = [Utterance(TEXT, HOSTILE, (span,)), Utterance(TEXT, "b\n\x1b", (span,))]
    path = tmp_path / "confusion"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        confusion_picture(gold, [Parse(TEXT, "b\n\x1b", spans=(other,)), Parse(TEXT, None)], path)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("with_intents", [True, False])
def test_one_head_is_enough(tmp_path: Path, with_intents: bool) -> None:
    spans = () if with_intents else (Span.of(TEXT, "to", 3, 7),)
    intent = "fly" if with_intents else None
    confusion_picture([Utterance(TEXT, intent, spans)], [Parse(TEXT, intent, spans=spans)], tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_nothing_to_draw_and_no_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is nothing to draw; expected intents or slots"):
        confusion_picture([Utterance("hi")], [Parse("hi")], tmp_path / "a.png")
    with pytest.raises(DataError, match=re.escape("none/a.png: its folder does not exist; expected a folder")):
        confusion_picture([Utterance("hi", "x")], [Parse("hi", "x")], tmp_path / "none" / "a.png")


@pytest.mark.parametrize("name", [HOSTILE, "$", "$$", r"a\$b$", "plain"])
def test_no_label_is_a_formula(name: str) -> None:
    assert not is_math_text(label_of(name))


def test_long_labels_are_cut() -> None:
    assert label_of("a" * 40) == "a" * 31 + "…"


def test_the_most_confused_intents_come_first() -> None:
    gold = [Utterance("t", name) for name in "aaabcc"]
    names, counts = confused_matrix(pair_up(gold, [Parse("t", name) for name in ["a", "a", "a", "c", "c", None]]))
    assert names == ["c", "b", NO_INTENT, "a"]
    assert counts.tolist() == [[1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 3]]
    names, counts = confused_matrix(pair_up(gold, [Parse("t", "a")] * 6), most=2)
    assert (names, counts.shape) == (["a", "c"], (2, 2))
