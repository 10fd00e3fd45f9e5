"""Tags and spans: what is legal, and one annotation in two spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.errors import DataError
from jointbert.tags import chunks, is_legal, orphans, spans_from_tags, split_tag, tags_from_spans
from jointbert.utterance import Span

TAGS = ["O", "B-a", "I-a", "B-b", "I-b"]


@pytest.mark.parametrize(
    ("tag", "parts"),
    [("O", ("O", "")), ("B-a", ("B", "a")), ("I-a-b", ("I", "a-b")), ("B-O", ("B", "O")), ("B--", ("B", "-"))],
)
def test_a_tag_has_two_parts(tag: str, parts: tuple[str, str]) -> None:
    assert split_tag(tag) == parts


@pytest.mark.parametrize("tag", ["", "B", "B-", "-a", "E-a", "S-a", "b-a", "O-a", "BI-a", "Ba"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(DataError) as caught:
        split_tag(tag)
    assert (
        str(caught.value)
        == f"tag {tag!r}: is not a BIO tag; expected O, B-<slot> or I-<slot>. Convert the tags to BIO."
    )


def test_legal_moves() -> None:
    legal = {(before, after) for before in (None, *TAGS) for after in TAGS if is_legal(before, after)}
    illegal = {(before, after) for before in (None, *TAGS) for after in TAGS} - legal
    assert illegal == {
        (None, "I-a"),
        (None, "I-b"),
        ("O", "I-a"),
        ("O", "I-b"),
        ("B-a", "I-b"),
        ("I-a", "I-b"),
        ("B-b", "I-a"),
        ("I-b", "I-a"),
    }


@pytest.mark.parametrize(
    ("tags", "runs"),
    [
        ([], []),
        (["O", "O"], []),
        (["B-a", "B-a"], [("a", 0, 1), ("a", 1, 2)]),
        (["B-a", "I-a", "I-a"], [("a", 0, 3)]),
        (["I-a", "I-a"], [("a", 0, 2)]),
        (["B-a", "I-b", "I-b"], [("a", 0, 1), ("b", 1, 3)]),
        (["B-a", "O", "I-a"], [("a", 0, 1), ("a", 2, 3)]),
    ],
)
def test_runs_of_words(tags: list[str], runs: list[tuple[str, int, int]]) -> None:
    assert list(chunks(tags)) == runs


def test_a_run_begins_at_each_b_and_each_orphan() -> None:
    tags = ["I-a", "I-a", "O", "B-b", "I-a", "B-a", "I-b"]
    starts = [first for _, first, _ in chunks(tags)]
    assert starts == sorted({*orphans(tags), 3, 5})


@given(st.lists(st.sampled_from(TAGS), max_size=12))
def test_tags_to_spans_and_back(tags: list[str]) -> None:
    text = "ab " * len(tags)
    units = [(3 * index, 3 * index + 2) for index in range(len(tags))]
    spans = spans_from_tags(text, units, tags)
    again = tags_from_spans(units, spans)
    assert orphans(again) == []
    assert spans_from_tags(text, units, again) == spans
    if not orphans(tags):
        assert again == tags


def test_as_many_tags_as_words() -> None:
    with pytest.raises(DataError, match=r"^seq\.out:41: 1 tags for 2 words; expected one tag per word\. Look for a d"):
        spans_from_tags("a b", [(0, 1), (2, 3)], ["O"], "seq.out:41")


def test_units_outside_the_text_are_refused_with_their_place() -> None:
    with pytest.raises(DataError, match=r"^seq\.out:4: slot 'x' at \[0:9\] lies outside the 3 characters"):
        spans_from_tags("a b", [(0, 9)], ["B-x"], "seq.out:4")


def test_spans_that_fit_no_unit() -> None:
    text = "abc defg"
    units = [(0, 3), (4, 8)]
    assert tags_from_spans(units, [Span.of(text, "x", 1, 2)]) == ["B-x", "O"]
    assert tags_from_spans(units, [Span.of(text, "x", 3, 4)]) == ["O", "O"]
    assert tags_from_spans(units, [Span.of(text, "x", 0, 5), Span.of(text, "y", 5, 8)]) == ["B-x", "I-x"]
