"""Encoding labelled utterances: ids, notices with their place, policies, and batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny import LABELS, codec, english

from jointbert.codec import Codec, collate
from jointbert.codec.pretrained import load_tokenizer
from jointbert.errors import AlignmentError, DataError, ModelError
from jointbert.labels import Labels, LabelSet
from jointbert.utterance import Span, Utterance

TEXT = "fly to las vegas"


def utterance(*places: tuple[int, int], text: str = TEXT, intent: str = "book") -> Utterance:
    return Utterance(text, intent, tuple(Span.of(text, "city", *place) for place in places), where="a.jsonl:7")


def test_labels_become_ids_on_words() -> None:
    [encoded], notices = codec().encode([utterance((7, 16))])
    assert LABELS.tags is not None and encoded.tag_ids is not None
    assert encoded.intent_id == 0 and notices == []
    assert [LABELS.tags[index] for index in encoded.tag_ids] == ["O", "O", "B-city", "I-city"]


def test_a_span_that_cuts_a_word_is_widened_and_said_with_its_place() -> None:
    [encoded], [notice] = codec().encode([utterance((8, 16))])
    assert encoded.tag_ids is not None and encoded.tag_ids.tolist() == [0, 0, 1, 2]
    assert (notice.where, notice.kind) == ("a.jsonl:7", "widened")
    assert notice.message == "slot 'city' 'as vegas' [8:16] cuts a word; it now covers [7:16]"


def test_or_it_is_an_error() -> None:
    with pytest.raises(AlignmentError, match=r"a\.jsonl:7: slot 'city' 'as vegas' .* Correct the utterance, or set"):
        codec().encode([utterance((8, 16))], on_misfit="error")


def test_a_span_without_a_word_is_lost_and_said() -> None:
    [encoded], [notice] = codec().encode([utterance((3, 4))])
    assert encoded.tag_ids is not None and not encoded.tag_ids.any()
    assert (notice.kind, notice.message) == ("lost", "slot 'city' ' ' [3:4] has no word of its own")


def test_an_overlong_text_is_cut_and_said() -> None:
    long = utterance((7, 16), text=TEXT + " qqq" * 80)
    [encoded], [notice] = codec().encode([long])
    cut = encoded.words.truncated_at
    assert (notice.kind, notice.where) == ("truncated", "a.jsonl:7")
    assert notice.message == f"only the first {cut} of {len(long.text)} characters fit into 64 pieces"
    with pytest.raises(AlignmentError, match=r"data\.on_overlong: truncate"):
        codec().encode([long], on_overlong="error")


def test_a_span_behind_the_cut_is_lost_and_said_so() -> None:
    text = "qqq " * 80 + "las vegas"
    _, notices = codec().encode([utterance((320, 329), text=text)])
    assert [notice.kind for notice in notices] == ["lost", "truncated"]
    assert notices[0].message.endswith("lies behind the cut")


def test_without_a_place_the_text_is_the_place() -> None:
    _, [notice] = codec().encode([Utterance("fly now", "book", (Span.of("fly now", "city", 0, 2),))])
    assert notice.where == "'fly now'"


def test_unknown_labels_are_named_with_the_nearest_known() -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:7: intent 'boook' is not known; .* Did you mean 'book'\?"):
        codec().encode([utterance(intent="boook")])
    strange = Utterance(TEXT, "book", (Span.of(TEXT, "citi", 7, 16),), where="a.jsonl:7")
    with pytest.raises(DataError, match=r"tag 'I-citi' is not known; .* Did you mean 'I-city'\?"):
        codec().encode([strange])


def test_heads_that_are_absent_get_no_ids() -> None:
    [encoded], _ = codec(labels=Labels(LABELS.intents, None)).encode([utterance()])
    assert encoded.tag_ids is None and encoded.intent_id == 0
    [encoded], _ = codec(labels=Labels(None, LABELS.slots)).encode([utterance()])
    assert encoded.tag_ids is not None and encoded.intent_id is None


def test_collate_pads_and_masks() -> None:
    items, _ = codec().encode([utterance((7, 16)), Utterance("", "play")])
    batch = collate(items, pad_id=9)
    assert batch.word_mask.sum(-1).tolist() == [4, 0] and batch.word_mask.dtype == np.bool_
    assert batch.input_ids[1].tolist()[2:] == [9] * (len(batch.input_ids[0]) - 2)
    assert batch.attention_mask.sum(-1).tolist() == [len(item.input_ids) for item in items]
    assert (batch.piece_words[1] == -1).all()
    assert batch.intent_ids is not None and batch.intent_ids.tolist() == [0, 1]
    assert batch.tag_ids is not None and batch.tag_ids.tolist() == [[0, 0, 1, 2], [0, 0, 0, 0]]


def test_a_batch_with_unlabelled_rows_has_no_labels() -> None:
    items = codec().encode([utterance()])[0] + codec().encode_texts(["x"])
    batch = collate(items)
    assert batch.intent_ids is None and batch.tag_ids is None


def test_texts_without_words_still_make_a_batch() -> None:
    batch = collate(codec().encode_texts(["", " "]))
    assert batch.word_mask.shape == (2, 1) and not batch.word_mask.any()


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"version": "9"}', "\ud800"])
def test_a_broken_tokenizer_file(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelError, match=r"tokenizer\.json: cannot be read as a tokenizer .* Copy the whole model"):
        Codec.from_folder(tmp_path, LABELS, 64)


def test_a_codec_leaves_the_given_tokenizer_as_it_was() -> None:
    before = english().backend_tokenizer.to_str()
    codec().encode_texts(["hello " * 100])
    assert english().backend_tokenizer.to_str() == before


def test_a_tokenizer_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_tokenizer(str(tmp_path))


def test_a_tokenizer_without_cls_is_refused(tmp_path: Path) -> None:
    tokenizer = english()
    kind = type(tokenizer)
    kind(tokenizer_object=tokenizer.backend_tokenizer, unk_token="[UNK]").save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"puts no \[CLS\] piece first"):
        load_tokenizer(str(tmp_path))


def test_slots_that_look_alike_keep_their_own_tags() -> None:
    labels = Labels(None, LabelSet("slot", ("a", "a-b", "b")))
    text = "x y z"
    spans = (Span.of(text, "a", 0, 1), Span.of(text, "a-b", 2, 3), Span.of(text, "b", 4, 5))
    [encoded], _ = codec(labels=labels).encode([Utterance(text, None, spans)])
    assert encoded.tag_ids is not None and encoded.tag_ids.tolist() == [1, 3, 5]
