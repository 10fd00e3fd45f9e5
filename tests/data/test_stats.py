"""Statistics count what is there; the picture is a picture; words are where an annotator sees them."""

from __future__ import annotations

import logging
import unicodedata
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from jointbert.data.picture import draw
from jointbert.data.stats import SlotCount, Statistics, quantiles
from jointbert.data.words import cuts_word, normalise, words
from jointbert.errors import DataError
from jointbert.model.names import SHIPPED
from jointbert.utterance import Span, Utterance


def fly(text: str, start: int, end: int, slot: str = "city") -> Utterance:
    return Utterance(text, "fly", (Span.of(text, slot, start, end),))


UTTERANCES = [fly("to Boston", 3, 9), fly("to boston now", 3, 9), fly("to Rome", 3, 7), Utterance("hm")]


def test_everything_is_counted() -> None:
    found = Statistics.of(UTTERANCES)
    assert (found.utterances, found.without_intent, found.intents) == (4, 1, {"fly": 3})
    assert found.slots == {"city": SlotCount(3, 2, (("boston", 2), ("rome", 1)))}
    assert found.lengths_in_words == (2, 3, 2, 1)
    assert found.to_dict()["characters"] == {"min": 2, "median": 7, "p90": 13, "p99": 13, "max": 13}


def test_nothing_is_counted_in_nothing() -> None:
    assert Statistics.of([]).to_dict()["words"] == {}
    assert quantiles([]) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("new york", ["new", "york"]),
        ("don't", ["don", "'", "t"]),
        ("我要听tfboys的歌", ["我", "要", "听", "tfboys", "的", "歌"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("cafe\u0301 o_k", ["cafe\u0301", "o", "_", "k"]),
        ("서울에서 가자", ["서울에서", "가자"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("5pm 26.5℃", ["5pm", "26", ".", "5", "℃"]),
        ("  ", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in words(text)] == expected


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("boston", 3, True),
        ("boston", 0, False),
        ("boston", 6, False),
        ("a b", 1, False),
        ("boston's", 6, False),
        ("5pm", 1, True),
        ("去北京", 1, False),
        ("听abc", 1, False),
        ("e\u0301t", 1, True),
        ("pizza🍕", 5, True),
        ("€50", 1, True),
        ("20°C", 2, True),
        ("3×4", 2, True),
        ("win™", 3, True),
        ("$50", 1, False),
        ("don´t", 4, False),
        ("30～50", 2, False),
        ("听🍕", 1, False),
        ("㈱abc", 1, False),
    ],
)
def test_a_cut_is_inside_a_word_of_a_script_with_spaces(text: str, offset: int, expected: bool) -> None:
    assert cuts_word(text, offset) is expected


@pytest.mark.parametrize("encoder", ["mini-en", "mini-zh"])
def test_no_symbol_joins_what_the_tokenizer_splits(encoder: str) -> None:
    tokenizer = Tokenizer.from_file(str(SHIPPED / encoder / "tokenizer.json"))
    assert tokenizer.normalizer is not None and tokenizer.pre_tokenizer is not None
    missed = 0
    for symbol in filter(lambda each: unicodedata.category(each)[0] == "S", map(chr, range(0x20000))):
        pieces = tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(f"a{symbol}b"))
        cut = cuts_word(f"a{symbol}b", 1)
        assert not cut or len(pieces) == 1 or symbol in "\u166d\U0001f12a", symbol
        missed += not cut and len(pieces) == 1
    assert missed < 300  # Thai, Burmese and CJK signs, whose scripts write no spaces


def test_normalise_keeps_what_tells_texts_apart() -> None:
    assert normalise(" Straße\u3000A ") == "strasse a"
    assert normalise("ab") != normalise("a b")


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    draw(Statistics.of([*UTTERANCES, Utterance("x", "cost in $ and $")]), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_can_be_drawn_too(tmp_path: Path) -> None:
    draw(Statistics.of([]), tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize("name", ["a.nonsense", "no/such/folder/a.png"])
def test_a_picture_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be drawn \(.*\); expected a path for a \.png\. Choose another path\."):
        draw(Statistics.of(UTTERANCES), tmp_path / name)


@pytest.mark.parametrize("installed", [True, False])
def test_chinese_labels_take_an_installed_font_or_a_warning(
    installed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jointbert.data.picture._CJK_FONTS", ("DejaVu Sans Mono",) if installed else ("No Such Font",))
    with caplog.at_level(logging.WARNING, logger="jointbert.data"):
        draw(Statistics.of([fly("去北京", 1, 3, "城市")]), tmp_path / "a.png")
    assert ("no font for Chinese labels" in caplog.text) is not installed
    assert "2 characters of the labels are in no installed font" in caplog.text


def test_a_control_character_in_a_label_is_drawn_as_its_escape(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    draw(Statistics.of([Utterance("x", "\x1b[31mred")]), tmp_path / "a.png")
    assert caplog.text == ""
