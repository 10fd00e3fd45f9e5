"""Sentences as pieces and pairs: special pieces where BERT wants them, words as tokenizer or segmenter cut them."""

from __future__ import annotations

import pytest
import tiny

from jointbert.codec.pairs import PairCodec
from jointbert.pretraining.segmenter import load_segmenter


def shown(codec: PairCodec, ids: list[int], tokenizer: str = "english") -> list[str]:
    found: list[str] = tiny.TOKENIZERS[tokenizer]().convert_ids_to_tokens(ids)
    return found


def test_a_pair_is_cls_a_sep_b_sep() -> None:
    codec = PairCodec(tiny.english())
    first, second = codec.pieces(["book a flight", "play jazz"])
    pair = codec.join(first, second, follows=True)
    assert shown(codec, pair.input_ids.tolist()) == ["[CLS]", "book", "a", "flight", "[SEP]", "play", "jazz", "[SEP]"]
    assert pair.segment_b == 5
    assert pair.starts.tolist() == [False, True, True, True, False, True, True, False]
    single = codec.join(first)
    assert shown(codec, single.input_ids.tolist()) == ["[CLS]", "book", "a", "flight", "[SEP]"]
    assert (single.segment_b, single.follows) == (5, None)


def test_special_pieces_in_the_text_are_text() -> None:
    codec = PairCodec(tiny.english())
    found = codec.pieces(["[SEP] book [MASK]"])[0]
    assert not set(found.ids.tolist()) & {codec.sep_id, codec.mask_id}


def test_a_chinese_character_is_a_word_without_a_segmenter() -> None:
    codec = PairCodec(tiny.chinese())
    found = codec.pieces(["明天北京天气"])[0]
    assert shown(codec, found.ids.tolist(), "chinese") == list("明天北京天气")
    assert found.starts.all()


def test_a_segmenter_joins_characters_into_words_and_leaves_latin_words_whole() -> None:
    codec = PairCodec(tiny.chinese(), lambda text: [0, 2, 4, 6, 7])
    found = codec.pieces(["明天北京天气CA1234"])[0]  # the segmenter cut C from A1234
    starts = [
        piece for piece, start in zip(shown(codec, found.ids.tolist(), "chinese"), found.starts, strict=True) if start
    ]
    assert starts[:3] == ["明", "北", "天"]
    assert len(starts) == 4


def test_jieba_finds_words() -> None:
    pytest.importorskip("jieba", reason="the pretrain extra is not installed")
    begins = load_segmenter("jieba")
    assert begins is not None
    assert list(begins("明天北京天气")) == [0, 2, 4]
    assert list(begins("")) == []


def test_without_jieba_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from jointbert.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(MissingExtraError, match=r"jointbert\[pretrain\]"):
        load_segmenter("jieba")
