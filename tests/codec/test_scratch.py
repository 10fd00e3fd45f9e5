"""A tokenizer learned from texts: what it is made of, that it is always the same, and what a large corpus changes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from jointbert.codec import word_counts
from jointbert.codec.align import readable
from jointbert.codec.alphabet import ALWAYS, WITHIN_WORDS, choose_alphabet
from jointbert.codec.fertility import measure
from jointbert.codec.scratch import LONGEST_WORD, SPECIAL, learn_tokenizer
from jointbert.codec.word_counts import count_words

Language = Literal["en", "zh"]
ODD = ["１２ Ａ　ｂ", "na\u200bive\x1cx\u00a0y", "e\u0301te\u0301 中\u0301文", "\ud800 a", "5℃ ﾊﾟ 한국 \U0002b820x", ""]
IDEOGRAPHS = [chr(0x4E00 + number) for number in range(3000)]


def untrained(language: Language) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    lower = normalizers.BertNormalizer(strip_accents=language == "en", lowercase=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), lower])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def words_of(texts: list[str], tokenizer: Tokenizer) -> Counter[str]:
    """The words of whole texts, none of them cut beforehand."""
    found: Counter[str] = Counter()
    for text in texts:
        divided = tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(readable(text)))
        found.update(word for word, _ in divided)
    return found


def straight(texts: list[str], language: Language, vocabulary: int) -> dict[str, int]:
    """The vocabulary that the library's trainer learns when it is given the texts themselves."""
    tokenizer = untrained(language)
    going_on = {character for word in words_of(texts, tokenizer) for character in word[1:]}
    first = [*SPECIAL, *(f"##{character}" for character in sorted(going_on))]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=first, min_frequency=1, show_progress=False
    )
    tokenizer.train_from_iterator([readable(text) for text in texts], trainer)
    return tokenizer.get_vocab(with_added_tokens=False)


# words --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
@given(texts=st.lists(st.text(st.characters(blacklist_categories=()), max_size=12), max_size=4))
@example(texts=ODD)
def test_words_are_counted_as_if_no_text_had_been_cut(language: Language, texts: list[str]) -> None:
    tokenizer = untrained(language)
    assert count_words(iter(texts), tokenizer) == words_of(texts, tokenizer)


def test_counting_in_small_portions_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["the cat sat on the mat, 猫坐在垫子上", "The dog - and THE cat"] * 3
    whole = count_words(texts, untrained("en"))
    monkeypatch.setattr(word_counts, "_MOST_CHUNKS", 2)
    assert count_words(texts, untrained("en")) == whole
    assert whole["the"] == 12 and whole["猫"] == 3


# encoder: scratch ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["demo-en", "demo-zh"])
@pytest.mark.parametrize("vocabulary", [300, 2000])
def test_counts_teach_the_same_pieces_as_the_texts_themselves(repository: Path, name: str, vocabulary: int) -> None:
    with (repository / "datasets" / name / "train.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines] + ODD
    language: Language = "en" if name == "demo-en" else "zh"
    learned = learn_tokenizer(iter(texts), language, vocabulary)
    assert learned.get_vocab() == straight(texts, language, vocabulary)


def test_every_character_of_a_few_texts_is_a_piece_even_beyond_the_vocabulary() -> None:
    learned = learn_tokenizer(["".join(IDEOGRAPHS[:400])], "zh", 300)
    assert len(learned) > 400
    assert learned.unk_token_id not in learned("".join(IDEOGRAPHS[:400])).input_ids


# a large corpus -----------------------------------------------------------------------------------------------------


def test_rare_characters_of_a_corpus_become_unknown_and_take_no_room() -> None:
    texts = ["good morning ж"] * 2 + ["good morning to you all"] * 4000
    assert "ж" in learn_tokenizer(texts, "en", 400).get_vocab()
    learned = learn_tokenizer(texts, "en", 400, corpus=True)
    assert not {"ж", "##ж"} & learned.get_vocab().keys()
    assert learned.tokenize("good ж morning") == ["good", "[UNK]", "morning"]


def test_the_keyboard_is_known_even_where_the_corpus_never_shows_it() -> None:
    learned = learn_tokenizer(["你好"], "zh", 300, corpus=True)
    pieces = learned.get_vocab().keys()
    assert pieces >= ALWAYS | {f"##{character}" for character in WITHIN_WORDS}
    assert learned.unk_token not in learned.tokenize("Wi-Fi for 20€ at 5℃? (~ok@home) £3")


@pytest.mark.parametrize("vocabulary", [300, 1000, 2500])
def test_ideographs_leave_room_for_latin_pieces_and_the_vocabulary_is_kept(vocabulary: int) -> None:
    texts = ["".join(IDEOGRAPHS), "weather forecast", "地铁 station wagon", "ジャズ 音乐 café привет"] * 3
    learned = learn_tokenizer(texts, "zh", vocabulary, corpus=True)
    pieces = [piece.removeprefix("##") for piece in learned.get_vocab() if piece not in SPECIAL]
    assert len(learned) <= vocabulary
    assert sum(piece in IDEOGRAPHS for piece in pieces) <= vocabulary * 3 / 4
    assert sum(len(piece) > 1 for piece in pieces) >= 20
    assert not any(set(piece) & set(IDEOGRAPHS) for piece in pieces if len(piece) > 1)


def test_every_ideograph_of_a_corpus_is_a_piece_where_there_is_room() -> None:
    texts = ["".join(IDEOGRAPHS[:50]) * 2000, "".join(IDEOGRAPHS[50:300])]  # those of the second are rarer than 99.95 %
    learned = learn_tokenizer(texts, "zh", 600, corpus=True)
    assert learned.get_vocab().keys() >= set(IDEOGRAPHS[:300])
    assert learned.unk_token_id not in learned(texts[1]).input_ids


def test_where_there_is_no_room_for_every_ideograph_the_most_frequent_cover_the_share() -> None:
    """The shipped mini-zh tokenizer is of this kind: its text has more ideographs than its vocabulary room."""
    words = dict.fromkeys(IDEOGRAPHS[:100], 55_000) | dict.fromkeys(IDEOGRAPHS[100:], 1)
    kept = choose_alphabet(words, "zh", 1000) & set(IDEOGRAPHS)
    wanted = 0.9995 * sum(words.values())
    assert set(IDEOGRAPHS[:100]) <= kept < set(IDEOGRAPHS)
    assert sum(words[piece] for piece in kept) >= wanted > sum(words[piece] for piece in kept) - 1


def test_among_equally_frequent_characters_the_lower_code_point_is_kept() -> None:
    words = dict.fromkeys(reversed(IDEOGRAPHS), 5)
    kept = choose_alphabet(words, "zh", 500) - ALWAYS
    assert 250 < len(kept) < 375
    assert kept == set(IDEOGRAPHS[: len(kept)])


def test_english_has_one_alphabet_and_few_ideographs_do_not_fill_it() -> None:
    words = {"hello": 100_000, "don": 50_000, "œuvre": 500} | dict.fromkeys(IDEOGRAPHS[:20], 1)
    kept = choose_alphabet(words, "en", 8000) - ALWAYS
    assert "œ" in kept and not kept & set(IDEOGRAPHS)


def test_a_corpus_teaches_no_pair_seen_once_and_nothing_of_words_too_long_to_read() -> None:
    endless = "xyxz" * (LONGEST_WORD // 4) + "q"
    learned = learn_tokenizer(["once", "twice twice", endless, endless], "en", 1000, corpus=True)
    pieces = learned.get_vocab().keys()
    assert "twice" in pieces and "once" not in pieces and "##xy" not in pieces and "xy" not in pieces
    assert learned.tokenize(endless) == ["[UNK]"]
    assert len(learned.tokenize(endless[1:])) == LONGEST_WORD


def test_a_corpus_tokenizer_puts_pairs_into_two_segments() -> None:
    learned = learn_tokenizer(["a b c"] * 3, "en", 300, corpus=True)
    encoded = learned("a b", "c")
    assert learned.convert_ids_to_tokens(encoded.input_ids) == ["[CLS]", "a", "b", "[SEP]", "c", "[SEP]"]
    assert encoded.token_type_ids == [0, 0, 0, 0, 1, 1]
    assert learned.model_max_length == 512
    assert sorted(learned.all_special_ids) == [0, 1, 2, 3, 4]


# fertility ----------------------------------------------------------------------------------------------------------


def test_fertility_is_what_one_counts_by_hand() -> None:
    learned = learn_tokenizer(["play jazz"] * 3, "en", 300, corpus=True)
    found = measure(learned.backend_tokenizer, ["Play jazzy 爵 爵", "jaж \ud800", "ж"])
    assert (found.texts, found.words, found.pieces, found.unknown) == (3, 6, 7, 4)  # play jazz ##y 爵 爵 | jaж | ж
    assert found.characters == len("Playjazzy爵爵jaж\ud800ж")
    assert found.unknown_characters == (("ж", 2), ("爵", 2))
    assert found.per_word == pytest.approx(7 / 6)
    assert found.unknown_share == pytest.approx(4 / 7)
    assert found.per_character == pytest.approx(7 / 16)


def test_nothing_is_measured_on_nothing() -> None:
    found = measure(learn_tokenizer(["a"], "en", 300).backend_tokenizer, [" "])
    assert (found.per_word, found.per_character, found.unknown_share) == (None, None, None)
    assert found.unknown_characters == ()
