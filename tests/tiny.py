"""Tiny tokenizers, encoders and models with random weights: everything a test needs, built in milliseconds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    MPNetConfig,
    MPNetModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
    set_seed,
)

from jointbert.checkpoint.folder import load_folder, make_predictor, save_folder
from jointbert.checkpoint.manifest import seal
from jointbert.codec import Codec
from jointbert.codec.scratch import learn_tokenizer
from jointbert.inference.nlu import NLU
from jointbert.labels import Labels, LabelSet
from jointbert.model.config import JointBertConfig
from jointbert.model.joint import JointBert

torch.set_num_threads(1)  # a tiny model gains nothing from more, and threads that spin slow a busy machine down

ENGLISH = (
    "book a flight from boston to las vegas",
    "play some jazz by miles davis, please",
    "it is 26.5 degrees: call +44 20 7946 0958",
    "cafe hotel zurich tomorrow at noon",
)
CHINESE = ("帮我订12月3号CA1234的票", "播放周杰伦的七里香", "明天北京天气怎么样", "现在26.5℃")
LABELS = Labels(LabelSet("intent", ("book", "play", "weather")), LabelSet("slot", ("city", "date", "artist")))
SHAPE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}


@cache
def english() -> PreTrainedTokenizerFast:
    """English WordPiece."""
    return learn_tokenizer(ENGLISH, "en", 150)


@cache
def chinese() -> PreTrainedTokenizerFast:
    """Chinese characters, WordPiece for the rest."""
    return learn_tokenizer((*CHINESE, *ENGLISH), "zh", 250)


@cache
def byte_level() -> PreTrainedTokenizerFast:
    """A byte-level BPE in RoBERTa's manner: ``<s> pieces </s>``, padding has id 1, spaces are trimmed off offsets."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(ENGLISH, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
    )


TOKENIZERS = {"english": english, "chinese": chinese, "byte_level": byte_level}
FAMILIES = ("bert", "roberta", "distilbert", "electra", "mpnet")


def codec(name: str = "english", labels: Labels = LABELS, max_pieces: int = 64) -> Codec:
    """A codec on one of :data:`TOKENIZERS`."""
    return Codec(TOKENIZERS[name]().backend_tokenizer, labels, max_pieces)


def family(name: str) -> tuple[Any, PreTrainedTokenizerFast]:
    """A random encoder of one of :data:`FAMILIES` and a tokenizer that fits it; no weight is an initial one."""
    set_seed(7)
    tokenizer = byte_level() if name in ("roberta", "mpnet") else english()
    common = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id, "max_position_embeddings": 40}
    narrow = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
    encoder: Any = {
        "bert": lambda: BertModel(BertConfig(**common, **SHAPE)),
        "roberta": lambda: RobertaModel(RobertaConfig(**common, **SHAPE)),
        "distilbert": lambda: DistilBertModel(DistilBertConfig(**common, **narrow)),
        "electra": lambda: ElectraModel(ElectraConfig(**common, **SHAPE, embedding_size=16)),
        "mpnet": lambda: MPNetModel(MPNetConfig(**common, **SHAPE)),
    }[name]()
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return encoder, tokenizer


def without_dropout(joint: JointBert) -> JointBert:
    """The same model, dropping nothing in training."""
    for module in joint.modules():
        for name in ("p", "dropout_prob", "attention_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
    return joint


def model(labels: Labels = LABELS, tokenizer: str = "english", **settings: Any) -> JointBert:
    """A joint model of 2 layers x 32 in eval mode, its heads loud enough to be sure of what they say."""
    set_seed(3)
    encoder = BertModel(
        BertConfig(vocab_size=len(TOKENIZERS[tokenizer]()), max_position_embeddings=64, **SHAPE),
        add_pooling_layer=False,
    )
    config = JointBertConfig(
        encoder=encoder.config.to_dict(),
        intents=0 if labels.intents is None else len(labels.intents),
        tags=0 if labels.tags is None else len(labels.tags),
        max_pieces=64,
        **settings,
    )
    joint = JointBert(config, encoder)
    with torch.no_grad():
        for head in (joint.intent_head, joint.slot_head):
            for parameter in head.parameters() if head is not None else ():
                parameter.mul_(30.0)
    joint.train(False)
    return joint


@cache
def nlu(tokenizer: str = "english", labels: Labels = LABELS, **settings: Any) -> NLU:
    """An NLU on :func:`model`."""
    return NLU(make_predictor(model(labels, tokenizer, **settings), codec(tokenizer, labels)))


def folder(place: Path, **settings: Any) -> Path:
    """A saved model folder."""
    save_folder(place, model(**settings), english(), LABELS, {"model_card.md": "# tiny\n"})
    return place


def contrary(place: Path) -> Path:
    """:func:`folder` of a model that prefers what the usual one likes least."""
    joint = model()
    with torch.no_grad():
        for head in (joint.intent_head, joint.slot_head):
            for parameter in head.parameters() if head is not None else ():
                parameter.neg_()
    save_folder(place, joint, english(), LABELS, {})
    return place


def exported(place: Path, *, int8: bool = False, **settings: Any) -> Path:
    """:func:`folder` with its fp32 graph, and the int8 one if asked for; nobody has judged them."""
    return with_graphs(folder(place, **settings), int8=int8)


def with_graphs(place: Path, *, int8: bool = False) -> Path:
    """A saved model folder, with graphs now."""
    from jointbert.export.graph import write_graph
    from jointbert.export.quantise import PLANS, write_int8

    loaded, _ = load_folder(place)
    write_graph(loaded, place / "model.onnx")
    if int8:
        write_int8(place / "model.onnx", place / "model.int8.onnx", PLANS[0])
    (place / "export.json").write_text("{}\n")
    seal(place)
    return place
