"""Words: where they lie in any script, and how spans are laid onto them."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import LABELS, codec

from jointbert.codec.align import lay_spans, readable
from jointbert.utterance import Span


def cut(text: str, tokenizer: str = "english", max_pieces: int = 64) -> list[str]:
    """The words of a text."""
    [encoded] = codec(tokenizer, LABELS, max_pieces).encode_texts([text])
    return [text[start:end] for start, end in encoded.words.offsets]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("book a flight", ["book", "a", "flight"]),
        ("帮我订12月3号CA1234的票", ["帮", "我", "订", "12", "月", "3", "号", "CA1234", "的", "票"]),
        ("现在26.5℃吗", ["现", "在", "26", ".", "5℃", "吗"]),
        ("Ｃａ１２，ok", ["Ｃａ１２", "，", "ok"]),
        ("hi 👨‍👩‍👧 you", ["hi", "👨‍👩‍👧", "you"]),
        ("a ❤️ b", ["a", "❤️", "b"]),
        ("cafe\u0301 zürich", ["cafe\u0301", "zürich"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("한국 서울", ["한국", "서울"]),
        ("שלום, עולם", ["שלום", ",", "עולם"]),
        ("a\u200bb c", ["a\u200bb", "c"]),
        ("x\ud800y z", ["x\ud800y", "z"]),
        ("a\x00b\tc\x07", ["a\x00b", "c"]),
        (" \t\n\u3000", []),
        ("\u200b\x00", []),
        ("", []),
    ],
)
@pytest.mark.parametrize("tokenizer", ["english", "chinese"])
def test_words(text: str, words: list[str], tokenizer: str) -> None:
    assert cut(text, tokenizer) == words


def test_a_special_piece_typed_by_a_user_is_text() -> None:
    for tokenizer, typed in (
        ("english", "[SEP]"),
        ("english", "[CLS]"),
        ("byte_level", "</s>"),
        ("byte_level", "<pad>"),
    ):
        subject = codec(tokenizer)
        [plain] = subject.encode_texts([f"go {typed} go"])
        [special] = subject.encode_texts(["go"])
        reserved = set(special.input_ids[[0, -1]].tolist()) | {0 if tokenizer == "english" else 1}
        assert not reserved & set(plain.input_ids[1:-1].tolist()), typed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("to zz qq las vegas", ["to", "zz", "qq", "las", "vegas"]),
        ("a 帮我 x", ["a", "帮我", "x"]),
        ("to  Zürich.", ["to", "Zürich", "."]),
        ("hi ❤️ ok", ["hi", "❤️", "ok"]),
        ("  x ", ["x"]),
    ],
)
def test_byte_level_words_are_not_glued_by_a_lone_space_piece(text: str, words: list[str]) -> None:
    """A "Ġ" that stands alone covers no character; it once tied its word to the one before."""
    assert cut(text, "byte_level") == words


def test_a_byte_level_cut_right_after_a_lone_space_piece_loses_no_word() -> None:
    text = "to las zz"
    whole = codec("byte_level").encode_texts([text])[0]
    begin = int(whole.words.first_piece[2])  # its "Ġ" is the last piece that fits
    [short] = codec("byte_level", LABELS, begin + 1).encode_texts([text])
    assert len(short.input_ids) == begin + 1
    assert short.words.offsets.tolist() == [[0, 2], [3, 6]] and short.words.truncated_at == 7


def test_blank_pieces_that_fill_the_rest_of_the_window_do_not_hide_the_text_behind_them() -> None:
    text = "to" + " " * 40 + "las"
    [short] = codec("byte_level", LABELS, 8).encode_texts([text])
    assert short.words.truncated_at == 42


@pytest.mark.parametrize("tokenizer", ["english", "chinese", "byte_level"])
@pytest.mark.parametrize("text", ["a flight to zurich qxqxqx", "帮我订12月3号CA1234的票", "cafe\u0301 e\u0301x zz"])
def test_truncation_keeps_whole_words_and_says_where_it_stopped(tokenizer: str, text: str) -> None:
    whole = codec(tokenizer).encode_texts([text])[0]
    for room in range(3, len(whole.input_ids) + 2):
        [short] = codec(tokenizer, LABELS, room).encode_texts([text])
        kept = len(short.words.offsets)
        assert len(short.input_ids) <= room
        assert short.words.offsets.tolist() == whole.words.offsets[:kept].tolist()
        assert short.words.piece_words.max(initial=-1) == kept - 1
        fits = [
            word
            for word in range(len(whole.words.offsets))
            if np.flatnonzero(whole.words.piece_words == word).max() <= room - 2 and room < len(whole.input_ids)
        ]
        if room >= len(whole.input_ids):
            assert short.words.truncated_at is None and kept == len(whole.words.offsets)
        else:
            assert kept == len(fits), (room, kept, fits)
            assert short.words.truncated_at == whole.words.offsets[kept, 0]


def test_readable_keeps_the_length() -> None:
    assert readable("a\ud800\udfffb") == "a\ufffd\ufffdb"


OFFSETS = np.array([[0, 3], [4, 8], [8, 9], [10, 14]])
TEXT = "abc defg. hijk"


@pytest.mark.parametrize(
    ("places", "runs", "misfits"),
    [
        ([(0, 3)], [(0, 1)], []),
        ([(0, 8), (8, 9)], [(0, 2), (2, 3)], []),
        ([(3, 9)], [(1, 3)], []),
        ([(1, 3)], [(0, 1)], [("widened", (0, 3))]),
        ([(4, 12)], [(1, 4)], [("widened", (4, 14))]),
        ([(3, 4)], [], [("lost", None)]),
        ([(0, 1), (1, 3)], [(0, 1)], [("widened", (0, 3)), ("lost", None)]),
        ([(4, 6), (6, 9)], [(1, 2), (2, 3)], [("widened", (4, 8)), ("widened", (8, 9))]),
    ],
)
def test_spans_on_words(places: list, runs: list, misfits: list) -> None:
    spans = [Span.of(TEXT, "x", start, end) for start, end in places]
    found, lost = lay_spans(OFFSETS, spans)
    assert [(first, last) for first, last, _ in found] == runs
    assert [(misfit.kind, misfit.widened_to) for misfit in lost] == misfits


def test_spans_on_no_words_are_lost() -> None:
    assert lay_spans(np.zeros((0, 2), dtype=np.int64), [Span.of("a", "x", 0, 1)])[1][0].kind == "lost"
