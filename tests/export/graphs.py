"""Tiny models of every encoder family, and what goes with their graphs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import tiny
import torch
from transformers import set_seed

from jointbert.checkpoint.folder import make_predictor
from jointbert.checkpoint.predict import Predictor
from jointbert.checkpoint.session import OnnxSession
from jointbert.codec import Codec, Decoder
from jointbert.labels import Labels
from jointbert.model.config import JointBertConfig
from jointbert.model.encoder import scratch_encoder
from jointbert.model.joint import JointBert

INTENTS, SLOTS = Labels(tiny.LABELS.intents, None), Labels(None, tiny.LABELS.slots)
CASES: dict[str, tuple[Labels, dict[str, Any]]] = {
    "bert": (tiny.LABELS, {"intent_conditioned": True}),
    "roberta": (tiny.LABELS, {"crf": True, "pooling": "mean"}),
    "distilbert": (INTENTS, {}),
    "electra": (SLOTS, {"pooling": "mean"}),
    "mpnet": (tiny.LABELS, {}),
    "deberta": (tiny.LABELS, {"crf": True}),
}
ROOM = 36


@dataclass(frozen=True)
class Case:
    """A tiny model and its graph."""

    name: str
    model: JointBert
    codec: Codec
    graph: Path

    @cached_property
    def session(self) -> OnnxSession:
        """What runs the graph."""
        return OnnxSession(self.graph, 1)

    def predictors(self) -> tuple[Predictor, Predictor]:
        """Texts to parses, through PyTorch and through the graph."""
        pad_id = int(self.model.config.encoder["pad_token_id"] or 0)
        learned = None if self.model.crf is None else self.model.crf.scores()
        decoder = Decoder(self.codec.labels, learned)
        return make_predictor(self.model, self.codec), Predictor(self.codec, decoder, self.session.score, pad_id)


def build(name: str) -> tuple[JointBert, Codec]:
    """The model of a case, its heads loud enough to be sure of what they say."""
    labels, settings = CASES[name]
    if name == "deberta":
        tokenizer = tiny.english()
        set_seed(5)
        encoder = scratch_encoder("tiny", len(tokenizer), tokenizer.pad_token_id, ROOM, "deberta")
    else:
        encoder, tokenizer = tiny.family(name)
    intents, tags = (0 if some is None else len(some) for some in (labels.intents, labels.tags))
    shape: Any = encoder.config
    config = JointBertConfig(
        encoder=shape.to_dict(), intents=intents, tags=tags, max_pieces=ROOM, unknown_id=1, **settings
    )
    joint = JointBert(config, encoder)
    with torch.no_grad():
        for head in (joint.intent_head, joint.slot_head):
            for parameter in head.parameters() if head is not None else ():
                parameter.mul_(30.0)
    joint.train(False)
    return joint, Codec(tokenizer.backend_tokenizer, labels, ROOM)
