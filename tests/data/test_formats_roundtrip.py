"""read(write(x)) == x for everything that a format says it carries, and an error for everything else."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jointbert.data import FORMATS, read, write
from jointbert.data.formats.tokens import fine_tokens, joiner, simple_tokens
from jointbert.errors import DataError
from jointbert.tags import orphans, tags_from_spans
from jointbert.utterance import Span, Utterance

ANY = st.characters(categories=None)
NASTY = st.sampled_from("ab 播歌，\t\n\r\\[](){}\"':#-|&*!%,\x00\x0b\x1c\x85\xa0\u2028\ufeff\u3000\ud800é\U0001f600")
NAMES = st.text(st.sampled_from("ab.:()[]{}\\\"'#-/播é"), min_size=1, max_size=6)
TEXTS = st.text(ANY | NASTY, max_size=25)


@st.composite
def utterances(draw: st.DrawFn) -> Utterance:
    """Any utterance that can be built: texts, names and offsets of every kind."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    canonicals = st.none() | st.text(NASTY, max_size=5)
    spans = tuple(Span.of(text, draw(NAMES), start, end, canonical=draw(canonicals)) for start, end in pairs)
    intent = draw(st.none() | NAMES | TEXTS.filter(lambda name: bool(name.strip())))
    tokens = draw(st.sampled_from([None, tuple(pairs), simple_tokens(text), fine_tokens(text)]))
    return Utterance(text, intent, spans, draw(st.none() | NAMES | TEXTS), tokens)


@st.composite
def plain(draw: st.DrawFn) -> Utterance:
    """Well-behaved words with slots on some of them, which every format with slots can carry."""
    words = draw(st.lists(st.text(st.sampled_from("abC1é[(\\#:'\"-{"), min_size=1, max_size=5), min_size=1, max_size=6))
    text = " ".join(words)
    tokens = simple_tokens(text)
    chosen = sorted(draw(st.sets(st.sampled_from(range(len(tokens))), max_size=3)))
    spans = tuple(
        Span.of(text, draw(st.sampled_from(["city", "from.city", "a.b.c"])), *tokens[index]) for index in chosen
    )
    return Utterance(text, draw(st.sampled_from(["fly", "faq/ask", "a#b"])), spans, None, tokens)


def there_and_back(items: Sequence[Utterance], name: str) -> list[Utterance] | None:
    """What is read after writing, or None where the writer refused; a refusal must leave nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{FORMATS[name].suffix}"
        try:
            write(path, items, name)
        except DataError as error:
            assert "cannot carry" in str(error)
            assert list(Path(folder).iterdir()) == []
            return None
        return read(path, name)


def kept_by(name: str, item: Utterance) -> Utterance:
    """The utterance without what the format's row in docs/formats.md says it does not carry."""
    bare = tuple(replace(span, canonical=None) for span in item.spans)
    if name in ("goo", "conll"):
        split = simple_tokens if name == "goo" else fine_tokens
        tokens = item.tokens if item.tokens is not None else split(item.text)
        return replace(item, spans=bare, tokens=tokens, id=item.id if name == "conll" else None)
    if name == "rasa":
        by = len(item.text) - len(item.text.lstrip())
        spans = tuple(replace(span, start=span.start - by, end=span.end - by) for span in item.spans)
        return Utterance(item.text.strip(), item.intent, spans)
    if name == "snips":
        return Utterance(item.text, item.intent, bare)
    if name in ("labelstudio", "doccano"):
        return replace(item, spans=bare, tokens=None)
    return replace(item, tokens=None) if name == "csv" else item


def grouped(name: str, items: Sequence[Utterance]) -> list[Utterance]:
    """The utterances in the order in which the format's writer puts them."""
    if name not in ("rasa", "snips"):
        return list(items)
    order = list(dict.fromkeys(item.intent for item in items))
    return sorted(items, key=lambda item: order.index(item.intent))


@pytest.mark.parametrize("name", FORMATS)
@given(items=st.lists(utterances(), max_size=3))
@example(items=[])
@example(items=[Utterance("")])
@example(items=[Utterance("a\r\n\u2028b\x00", "x")])
@example(items=[Utterance("[a](b) \\[c\\]{d}", "x", (Span.of("[a](b) \\[c\\]{d}", "s", 8, 10),))])
@example(items=[Utterance("NYC", "x", (Span.of("NYC", "c", 0, 3, canonical=value),)) for value in ("New York", None)])
def test_nothing_is_lost_that_was_not_refused(name: str, items: list[Utterance]) -> None:
    back = there_and_back(items, name)
    assert back is None or back == grouped(name, [kept_by(name, item) for item in items])


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "csv"])
@given(items=st.lists(plain(), max_size=4))
def test_well_behaved_words_are_carried(name: str, items: list[Utterance]) -> None:
    assert there_and_back(items, name) == grouped(name, [kept_by(name, item) for item in items])


@pytest.mark.parametrize("name", ["labelstudio", "doccano"])
@given(items=st.lists(utterances(), max_size=3))
def test_annotation_tools_get_every_utterance_that_is_not_a_split_surrogate_pair(
    name: str, items: list[Utterance]
) -> None:
    if not any("\\ud" in repr(item) for item in items):
        assert there_and_back(items, name) == [kept_by(name, item) for item in items]


@given(items=st.lists(utterances(), max_size=3))
def test_jsonl_carries_everything_but_split_surrogate_pairs(items: list[Utterance]) -> None:
    strings = [repr(item) for item in items]
    if not any("\\ud" in string for string in strings):
        assert there_and_back(items, "jsonl") == items


@given(st.lists(st.text(st.sampled_from("我要听ab"), min_size=1, max_size=3), min_size=1), TEXTS)
def test_tokens_cover_the_text(words: list[str], text: str) -> None:
    assert joiner(words) == ("" if sum(word in "我要听" for word in words) * 2 > len(words) else " ")
    for split in (simple_tokens, fine_tokens):
        assert "".join(text[start:end] for start, end in split(text)) == "".join(text.split())


@pytest.mark.mirror
@pytest.mark.parametrize(("dataset", "count"), [("atis", 4478), ("snips", 13084), ("cais", 7995)])
def test_known_datasets_give_back_their_tags(dataset: str, count: int, mirror: Path) -> None:
    folder = mirror / dataset / "train"
    items = read(folder)
    with (folder / "seq.out").open(encoding="utf-8") as file:
        tags = [line.split() for line in file]
    assert len(items) == len(tags) == count
    wrong = [
        item.where
        for item, line in zip(items, tags, strict=True)
        if not orphans(line) and tags_from_spans(item.tokens or (), item.spans) != line
    ]
    assert wrong == []


@pytest.mark.mirror
def test_original_snips_is_read_with_its_latin1_file(mirror: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = next(path for path in (mirror / "snips-original", mirror / "snips_original") if path.is_dir())
    items = read(folder)
    assert len({item.intent for item in items}) == 7
    assert len(items) == 16584
    assert "not-utf-8 1" in caplog.text
