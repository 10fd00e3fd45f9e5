"""Words that two tokenizers agree on, by known answers."""

from __future__ import annotations

import numpy as np
import tiny
from tokenizers import Tokenizer

from jointbert.codec.matching import Matched, WordPieces, match_words, width
from jointbert.codec.scratch import learn_tokenizer
from jointbert.codec.texts import Encoded, TextCodec

LARGE = learn_tokenizer(["the unbelievable flight to Boston leaves at noon tomorrow"] * 9, "en", 400)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SMALL = learn_tokenizer([*LETTERS, LETTERS + LETTERS, ", ."], "en", 59)  # 5 special, 26 first, 26 inner letters, marks


def encode(tokenizer: Tokenizer, texts: list[str], most: int = 64) -> list[Encoded]:
    return TextCodec(tokenizer, most).encode_texts(texts)


def words(texts: list[str], encoded: list[Encoded], side: WordPieces) -> list[tuple[int, str]]:
    """Each word as (its text's number, its characters), read off its pieces."""
    wide, found = width(encoded), []
    for word in range(len(side.sizes)):
        places = side.pieces[side.words == word]
        assert len(places) == side.sizes[word] > 0
        assert len({place // wide for place in places}) == 1
        row = int(places[0] // wide)
        text = encoded[row]
        (number,) = {int(text.words.piece_words[place % wide]) for place in places}
        start, end = text.words.offsets[number]
        assert side.sizes[word] == np.sum(text.words.piece_words == number)
        found.append((row, texts[row][start:end]))
    return found


def both(
    texts: list[str], first: Tokenizer, second: Tokenizer, most: tuple[int, int] = (64, 64)
) -> tuple[Matched, list[tuple[int, str]]]:
    mine, theirs = encode(first, texts, most[0]), encode(second, texts, most[1])
    matched = match_words(mine, theirs)
    found = words(texts, mine, matched.first)
    assert words(texts, theirs, matched.second) == found
    assert matched.of_first == sum(len(text.words.offsets) for text in mine)
    return matched, found


def test_words_match_whatever_pieces_they_are_made_of() -> None:
    texts = ["The unbelievable flight,", "to Boston"]
    matched, found = both(texts, LARGE.backend_tokenizer, SMALL.backend_tokenizer)
    assert found == [(0, "The"), (0, "unbelievable"), (0, "flight"), (0, ","), (1, "to"), (1, "Boston")]
    assert matched.second.sizes.tolist()[1] == len("unbelievable")  # a piece a letter
    assert matched.first.sizes[1] < matched.second.sizes[1]
    assert matched.first.pieces[0] == 1  # behind [CLS]


def test_chinese_characters_match_and_latin_words_between_them() -> None:
    texts = ["帮我订Boston的票", "26.5℃"]
    matched, found = both(texts, tiny.chinese().backend_tokenizer, LARGE.backend_tokenizer)
    assert [word for row, word in found if row == 0] == ["帮", "我", "订", "Boston", "的", "票"]
    assert [word for row, word in found if row == 1] == ["26", ".", "5℃"]
    assert len(matched) == matched.of_first == 9


def test_emoji_and_marks_match_by_their_place() -> None:
    texts = ["ok 👍🏽 café cafe\u0301 ❤\ufe0f", ""]
    _, found = both(texts, tiny.english().backend_tokenizer, tiny.chinese().backend_tokenizer)
    assert (0, "ok") in found and (0, "café") in found and (0, "cafe\u0301") in found
    assert all(row == 0 for row, _ in found)


def test_only_words_that_both_sides_read_to_their_end_match() -> None:
    texts = ["the unbelievable flight to Boston"]
    _, found = both(texts, LARGE.backend_tokenizer, SMALL.backend_tokenizer, most=(64, 12))
    assert found == [(0, "the")]  # 10 letters fit behind [CLS]: the second word is cut
    _, found = both(texts, LARGE.backend_tokenizer, SMALL.backend_tokenizer, most=(4, 64))
    assert found[0] == (0, "the") and "Boston" not in {word for _, word in found}


def test_words_that_are_cut_differently_are_left_out() -> None:
    texts = ["play some, don't"]
    matched, found = both(texts, tiny.english().backend_tokenizer, tiny.byte_level().backend_tokenizer)
    assert found == [(0, "play"), (0, "some"), (0, ","), (0, "don")]  # ' t on one side, 't on the other
    assert matched.of_first == 6
