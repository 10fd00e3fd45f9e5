"""Encoders of five families from local folders, the order of looking them up, and what an absent one says."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import FAMILIES, LABELS, family
from transformers import GPT2Config, GPT2Model, ModernBertConfig, ModernBertModel

from jointbert.checkpoint.folder import load_folder, make_predictor, save_folder
from jointbert.codec import Codec, collate
from jointbert.codec.pretrained import load_tokenizer
from jointbert.errors import ConfigError, ModelError
from jointbert.model import names as subject
from jointbert.model.config import JointBertConfig
from jointbert.model.encoder import empty_encoder, encode, load_encoder, max_positions, scratch_encoder
from jointbert.model.joint import JointBert
from jointbert.model.names import ENCODERS_VARIABLE, NAMED, locate
from jointbert.utterance import Span, Utterance

TEXT = "book a flight from boston to las vegas"
LINES = [
    Utterance(TEXT, "book", (Span.of(TEXT, "city", 19, 25), Span.of(TEXT, "city", 29, 38))),
    Utterance("play miles davis", "play", (Span.of("play miles davis", "artist", 5, 16),)),
    Utterance("is it cold tomorrow", "weather", (Span.of("is it cold tomorrow", "date", 11, 19),)),
]


@pytest.mark.parametrize("name", FAMILIES)
def test_dropout_is_the_checkpoints_own_or_what_is_asked_for(name: str, tmp_path: Path) -> None:
    source, _ = family(name)
    source.save_pretrained(tmp_path)
    assert dropouts(load_encoder(str(tmp_path))) == dropouts(source) == {0.1}
    assert dropouts(load_encoder(str(tmp_path), 0.25)) == {0.25}
    assert dropouts(load_encoder(str(tmp_path), 0.0)) == {0.0}


@pytest.mark.parametrize("family_name", ["bert", "deberta"])
def test_an_encoder_from_scratch_drops_what_is_asked_for(family_name: str) -> None:
    assert dropouts(scratch_encoder("tiny", 20, 0, 16, family_name)) == {0.1}
    assert dropouts(scratch_encoder("tiny", 20, 0, 16, family_name, 0.0)) == {0.0}


def test_all_dropouts_of_a_modernbert_are_what_is_asked_for(tmp_path: Path) -> None:
    special = {"bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2, "pad_token_id": 0}
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    ModernBertModel(ModernBertConfig(vocab_size=50, **shape, **special)).save_pretrained(tmp_path)
    assert dropouts(load_encoder(str(tmp_path))) == {0.0}
    encoder = load_encoder(str(tmp_path), 0.25)
    assert dropouts(encoder) == {0.25}
    assert sum(isinstance(module, torch.nn.Dropout) for module in encoder.modules()) == 5  # one, and two a layer
    assert {module.attention_dropout for module in encoder.modules() if hasattr(module, "attention_dropout")} == {0.25}


def test_a_family_without_a_known_dropout_cannot_be_told_one(tmp_path: Path) -> None:
    GPT2Model(GPT2Config(vocab_size=50, n_embd=32, n_layer=1, n_head=2, n_positions=40)).save_pretrained(tmp_path)
    load_encoder(str(tmp_path))
    with pytest.raises(ConfigError) as caught:
        load_encoder(str(tmp_path), 0.25)
    assert str(caught.value) == (
        "encoder.dropout: is 0.25, and encoders of the family 'gpt2' have no dropout of a known name; expected null. "
        "Leave it out: the encoder's own config decides then."
    )


def dropouts(encoder: torch.nn.Module) -> set[float]:
    return {module.p for module in encoder.modules() if isinstance(module, torch.nn.Dropout)}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_from_its_folder_through_training_and_back(name: str, tmp_path: Path) -> None:
    source, tokenizer = family(name)
    source.save_pretrained(tmp_path / "encoder")
    tokenizer.save_pretrained(tmp_path / "encoder")
    encoder = load_encoder(str(tmp_path / "encoder"))
    weights = source.state_dict()
    for key, value in encoder.state_dict().items():
        assert torch.equal(value, weights[key]), key
    assert not any("pooler" in key for key in encoder.state_dict())
    settings = encoder.config
    assert isinstance(settings, type(source.config))
    room = max_positions(settings)
    assert room == (38 if name in ("roberta", "mpnet") else 40)
    assert settings.pad_token_id == (1 if name in ("roberta", "mpnet") else 0)

    reread = load_tokenizer(str(tmp_path / "encoder"))
    codec = Codec(reread.backend_tokenizer, LABELS, room)
    shape = JointBertConfig(encoder=settings.to_dict(), intents=3, tags=7, crf=True, max_pieces=room, dropout=0.0)
    joint = JointBert(shape, encoder)
    batch = collate(codec.encode(LINES, on_misfit="error")[0], settings.pad_token_id)
    fields = ("input_ids", "attention_mask", "word_pieces", "piece_words", "word_mask", "intent_ids", "tag_ids")
    tensors = {field: torch.from_numpy(getattr(batch, field)) for field in fields}
    optimizer = torch.optim.SGD(joint.parameters(), lr=0.05)
    before = joint(**tensors).loss
    before.backward()
    optimizer.step()
    assert joint(**tensors).loss.item() < before.item()

    joint.train(False)
    save_folder(tmp_path / "model", joint, reread, LABELS, {})
    model, kept = load_folder(tmp_path / "model")
    texts = [TEXT, "", "las vegas " * 30]
    assert make_predictor(model, kept.codec).parse_many(texts) == make_predictor(joint, codec).parse_many(texts)


@pytest.mark.parametrize("name", ["roberta", "mpnet", "bert"])
def test_the_longest_input_fits_the_positions(name: str) -> None:
    encoder, tokenizer = family(name)
    room = max_positions(encoder.config)
    [item] = Codec(tokenizer.backend_tokenizer, LABELS, room).encode_texts(["las " * 99])
    assert len(item.input_ids) == room
    ids = torch.from_numpy(item.input_ids)[None]
    assert encode(encoder, ids, torch.ones_like(ids)).shape == (1, room, 32)


def test_locate_takes_a_folder_then_the_shelf_then_the_package_then_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENCODERS_VARIABLE, raising=False)
    monkeypatch.setattr(subject, "find_spec", lambda _: None)
    monkeypatch.chdir(tmp_path)
    assert locate("minilm-l6") == NAMED["minilm-l6"].hub_id
    assert locate("someone/else") == "someone/else"

    class Spec:
        origin = str(tmp_path / "package" / "__init__.py")

    monkeypatch.setattr(subject, "find_spec", lambda _: Spec)
    assert locate("minilm-l6") == str(tmp_path / "package" / "model")
    assert locate("bge-small-zh") == NAMED["bge-small-zh"].hub_id  # no package carries it

    shelf = tmp_path / "shelf"
    for name in ("minilm-l6", "gte-small-en", "own"):
        (shelf / name).mkdir(parents=True)
    monkeypatch.setenv(ENCODERS_VARIABLE, str(shelf))
    assert locate("minilm-l6") == str(shelf / "minilm-l6")
    assert locate("gte-small") == str(shelf / "gte-small-en")
    assert locate("own") == str(shelf / "own")
    assert locate("bge-small-zh") == NAMED["bge-small-zh"].hub_id  # not on the shelf

    (tmp_path / "minilm-l6").mkdir()
    assert locate("minilm-l6") == "minilm-l6"


def test_an_encoder_that_cannot_be_fetched_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv(ENCODERS_VARIABLE, str(tmp_path))
    with pytest.raises(ModelError) as caught:
        load_encoder("nobody/has-this-encoder")
    message = str(caught.value)
    assert message.startswith("encoder 'nobody/has-this-encoder': is no local folder and could not be fetched")
    assert "Give a local folder (config.json, model.safetensors, tokenizer.json)." in message
    assert "\n" not in message


def test_a_folder_without_an_encoder_is_not_called_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be read as an encoder \(.*\); expected a folder with config\.json"):
        load_encoder(str(tmp_path))


def test_a_known_name_that_cannot_be_fetched_says_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENCODERS_VARIABLE, raising=False)
    monkeypatch.setattr(subject, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r"put one named 'minilm-l6' under \$JOINTBERT_ENCODERS, or: pip install"):
        load_encoder("minilm-l6")
    with pytest.raises(ModelError, match=r"put one named 'gte-small-en' under \$JOINTBERT_ENCODERS\."):
        load_encoder("gte-small")


@pytest.mark.parametrize("content", [None, "{}", "{", '{"model_type": "nothing-known"}', '{"model_type": "bert"}'])
def test_a_folder_that_is_no_encoder(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match="encoder"):
        load_encoder(str(tmp_path))


def test_an_encoder_with_only_a_pickle_is_refused(tmp_path: Path) -> None:
    source, _ = family("bert")
    source.config.save_pretrained(tmp_path)
    torch.save(source.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError):
        load_encoder(str(tmp_path))


def test_a_scratch_encoder_has_the_published_shape_and_can_be_rebuilt_empty() -> None:
    made = scratch_encoder("tiny", 50, 0, 16)
    settings = made.config
    assert (settings.num_hidden_layers, settings.hidden_size, settings.intermediate_size) == (2, 128, 512)
    again = empty_encoder(settings.to_dict())
    assert {key: value.shape for key, value in again.state_dict().items()} == {
        key: value.shape for key, value in made.state_dict().items()
    }
