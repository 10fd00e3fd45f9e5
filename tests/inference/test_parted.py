"""Gold utterances parted by scope: which are judged, how many are left out, and what is said of it."""

from __future__ import annotations

import pytest
import tiny

from jointbert.errors import DataError
from jointbert.inference.parted import Parted, in_scope, part_gold, scope_notes, tell_scope
from jointbert.utterance import Parse, Utterance

INSIDE = [Utterance("book it", "book"), Utterance("no intent at all")]
MARKED = [Utterance("2 + 2?", "oos"), Utterance("why", "oos")]
MORE = [Utterance("who won")]


def test_what_is_marked_is_left_out_and_what_is_added_too() -> None:
    parted = part_gold(tiny.nlu(), [*MARKED[:1], *INSIDE, *MARKED[1:]], MORE, intent="oos")
    assert parted == Parted(INSIDE, MARKED + MORE, "oos", 3)
    assert scope_notes(parted, None) == (
        "Utterances out of scope, left out of intent, slot and sentence scores: 3.",
        "The model does not tell what is out of scope; teach it with: jointbert scope",
    )
    assert tell_scope(tiny.nlu(), parted, [Parse(item.text) for item in INSIDE]) is None


def test_an_intent_that_the_model_gives_is_judged_like_any_other() -> None:
    gold = [*INSIDE, Utterance("play it", "play")]
    parted = part_gold(tiny.nlu(), gold, intent="book")
    assert parted == Parted(gold, INSIDE[:1], "book", 0)
    assert scope_notes(parted, None) == (
        "The model does not tell what is out of scope; teach it with: jointbert scope",
    )


def test_without_a_marker_nothing_is_out_of_scope() -> None:
    parted = part_gold(tiny.nlu(), INSIDE + MARKED)
    assert parted == Parted(INSIDE + MARKED, [], None, 0)
    assert scope_notes(parted, None) == ()


def test_nothing_in_scope_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        part_gold(tiny.nlu(), MARKED, intent="oos", where="oos.jsonl")
    assert str(refused.value) == (
        "oos.jsonl: holds only utterances out of scope; expected some in scope. "
        "Give it beside what is in scope: --out-of-scope-data PATH."
    )
    assert in_scope([], "oos", "empty.jsonl", "") == ([], []), "an empty file is another mistake"


def test_a_mistyped_marker_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    part_gold(tiny.nlu(), INSIDE + MARKED, intent="ooss", where="dev.jsonl")
    assert "dev.jsonl: no utterance has the intent 'ooss' that is to mark" in caplog.text
    caplog.clear()
    part_gold(tiny.nlu(), INSIDE, intent="weather")
    assert caplog.text == "", "the model knows that intent"
