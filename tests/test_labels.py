"""Labels: ids, files, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.errors import DataError, ModelError
from jointbert.labels import Labels, LabelSet
from jointbert.utterance import Span, Utterance

SET = LabelSet("intent", ("book", "cancel", "play music"))


def test_ids_are_places() -> None:
    assert [SET.id(name) for name in SET] == [0, 1, 2]
    assert [SET[index] for index in range(len(SET))] == list(SET)
    assert "book" in SET and "buy" not in SET and 0 not in SET


@pytest.mark.parametrize("names", [("a", "a"), ("a", ""), (" ",)])
def test_names_are_distinct_and_not_blank(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=r"^intent labels: .* repeat or are blank; expected distinct names\.$"):
        LabelSet("intent", names)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(DataError) as caught:
        SET.id("cancle", "a.jsonl:5")
    expected = "a.jsonl:5: intent 'cancle' is not known; expected one of 3 names. Did you mean 'cancel'?"
    assert str(caught.value) == expected


def test_an_unknown_name_like_no_other_lists_the_known() -> None:
    with pytest.raises(DataError, match=r"^intent: intent 'zzz' is not known; .* Known: book, cancel, play music\.$"):
        SET.id("zzz")


def test_labels_of_utterances_are_sorted_and_complete() -> None:
    text = "ab cd"
    spans = (Span.of(text, "z", 0, 2), Span.of(text, "a", 3, 5))
    labels = Labels.from_utterances([Utterance(text, "play", spans), Utterance("x", "book"), Utterance("y")])
    assert labels.intents is not None and labels.intents.names == ("book", "play")
    assert labels.tags is not None and labels.tags.names == ("O", "B-a", "I-a", "B-z", "I-z")
    assert Labels.from_utterances([Utterance("x", "book")]).tags is None


def test_neither_intents_nor_slots_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"^labels: the data has neither intents nor slots; .* Label some utterances\.$"
    ):
        Labels.from_utterances([Utterance("x")])


@pytest.mark.parametrize(
    "labels",
    [
        Labels(LabelSet("intent", ("订票", "book")), LabelSet("slot", ("城市",))),
        Labels(LabelSet("intent", ("a",)), None),
        Labels(None, LabelSet("slot", ("a", "a-b"))),
    ],
)
def test_saved_and_loaded_labels_are_equal(labels: Labels, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    labels.save(path)
    assert Labels.load(path) == labels
    assert "\\u" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"intents": ["a"]}',
        '{"intents": null, "slots": null}',
        '{"intents": "book", "slots": null}',
        '{"intents": {"a": 0}, "slots": null}',
        '{"intents": [1, 2], "slots": null}',
        '{"intents": ["a", "a"], "slots": null}',
        '{"intents": ["a"], "slots": [""]}',
    ],
)
def test_a_file_that_is_no_labels_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(content)
    with pytest.raises(
        ModelError, match=r"labels\.json: cannot be read as labels \(.*; expected a JSON object .* Copy"
    ):
        Labels.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read as labels"):
        Labels.load(tmp_path / "labels.json")
