"""The shape of a training config: every key, what it means, and what its value may be."""

from __future__ import annotations

from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

Flag = Annotated[bool, Field(strict=True)]
Share = Annotated[float, Field(ge=0.0, le=1.0, strict=True)]
Positive = Annotated[int, Field(ge=1, strict=True)]
PositiveFloat = Annotated[float, Field(gt=0.0, strict=True, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0.0, strict=True, allow_inf_nan=False)]


class Section(BaseModel):
    """A part of the config: unknown keys are errors, values are not coerced out of other kinds, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_yaml(self) -> str:
        """The config with every default spelled out."""
        return yaml.safe_dump(self.model_dump(), sort_keys=False, allow_unicode=True)


FormatName = Literal["jsonl", "goo", "conll", "rasa", "snips", "csv", "labelstudio", "doccano"]
"""What ``jointbert.data`` can read; a test holds the two together."""


class DataConfig(Section):
    """Where the utterances are.

    Args:
        train: File or folder of the training utterances.
        dev: File or folder that the best checkpoint is chosen on.
        format: Their format (docs/formats.md), or null to recognise it.
        on_misfit: A span that cuts a word is widened to whole words (and reported), or an error.
        on_overlong: A text beyond ``encoder.max_pieces`` is truncated (and reported), or an error.
        substitution: Chance of each training span to hold, anew in each epoch, another value of its slot. Teaches an
            encoder from scratch to read contexts; leave it at 0 where values decide the slot.
        values: A YAML file of more values for that, ``slot: [value, value]``: a catalogue of titles, places, products.
            It needs ``substitution``.
        typos: Chance of each training utterance to have, anew in each epoch, a mistyped word: two letters swapped, one
            dropped, doubled or its neighbour on the keyboard, in a word of four or more letters from A to Z.
        out_of_scope_intent: The intent that marks utterances as out of scope, such as ``oos``. They are kept out of
            training and of dev scores; scope is judged by them (docs/out-of-scope.md).
        out_of_scope_as_intent: Train that intent like any other after all. It needs ``out_of_scope_intent``.
        out_of_scope_train: More utterances for training scope; all in this file or folder are out of scope.
        out_of_scope_dev: More utterances for choosing how scope is judged; likewise.
    """

    train: str
    dev: str
    format: FormatName | None = None
    on_misfit: Literal["widen", "error"] = "widen"
    on_overlong: Literal["truncate", "error"] = "truncate"
    substitution: Share = 0.0
    values: str | None = None
    typos: Share = 0.0
    out_of_scope_intent: str | None = None
    out_of_scope_as_intent: Flag = False
    out_of_scope_train: str | None = None
    out_of_scope_dev: str | None = None

    # A validator sees the keys above its own, of which pydantic leaves out those that are wrong themselves.

    @field_validator("values")
    @classmethod
    def _are_swapped_in(cls, values: str | None, info: ValidationInfo) -> str | None:
        if values is not None and info.data.get("substitution") == 0:
            raise ValueError("null, or data.substitution above 0")
        return values

    @field_validator("out_of_scope_as_intent")
    @classmethod
    def _has_a_name(cls, trained: bool, info: ValidationInfo) -> bool:
        if trained and info.data.get("out_of_scope_intent", "") is None:
            raise ValueError("false, or data.out_of_scope_intent to name it, for example oos")
        return trained


class EncoderConfig(Section):
    """Which encoder.

    Args:
        name: A folder, a known name (mini-en, mini-zh, minilm-l6, gte-small, bge-small-zh), a hub
            id, or ``scratch``.
        family: For ``scratch``: ``bert`` has learned absolute positions; ``deberta`` has relative ones, which learn
            from far fewer utterances.
        size: For ``scratch``: a published BERT shape.
        language: For ``scratch``: ``zh`` takes every CJK character as a piece, ``en`` learns WordPiece.
        vocabulary: For ``scratch``: the most pieces its tokenizer may have.
        max_pieces: Longest input in pieces, special ones included.
        dropout: Share of the encoder's states and attention that is dropped in training; null keeps what the encoder's
            own config says (0 for mini-en and mini-zh, 0.1 for most others).
    """

    name: str
    family: Literal["bert", "deberta"] = "bert"
    size: Literal["tiny", "mini", "small", "medium", "base", "large"] = "mini"
    language: Literal["en", "zh"] = "en"
    vocabulary: Positive = 8000
    max_pieces: Annotated[int, Field(ge=8, strict=True)] = 512
    dropout: Share | None = None


class ModelConfig(Section):
    """The heads.

    Args:
        crf: Put a CRF on the slot head.
        pooling: A word's state is its first piece's, or the mean of its pieces'.
        dropout: Share of states dropped before each head.
        slot_weight: Weight of the slot loss in the sum.
        intent_conditioned: Tell the slot head what the intent head thinks.
        piece_dropout: Share of pieces hidden in training; helps an encoder from scratch with words it has not seen.
    """

    crf: Flag = False
    pooling: Literal["first", "mean"] = "first"
    dropout: Share = 0.1
    slot_weight: PositiveFloat = 1.0
    intent_conditioned: Flag = False
    piece_dropout: Share = 0.0


class TrainingConfig(Section):
    """How to train.

    Args:
        epochs: Most passes over the training utterances.
        batch_size: Utterances a step.
        accumulation: Steps whose gradients are added up before the weights move.
        learning_rate: Peak rate of the encoder's topmost layer.
        head_learning_rate: Peak rate of the heads and the CRF.
        layer_decay: Each encoder layer learns at this share of the rate of the one above it.
        weight_decay: AdamW's decay; biases and layer norms have none.
        warmup: Share of the steps on which the rate rises; it falls linearly after.
        max_grad_norm: Gradients longer than this are shortened to it.
        adversarial: How far a second look at each batch moves the pieces' vectors to where its loss rises, as a share
            of their mean length; 0 looks once. It helped where little was labelled, and not on thousands of labels; a
            step takes nearly twice as long. Try 0.6.
        patience: Epochs without a better dev score before training stops; 0 never stops early.
        seed: Of everything random.
        precision: ``auto`` takes bf16 where the CPU (AMX, AVX512-BF16) or GPU computes it fast.
    """

    epochs: Positive = 10
    batch_size: Positive = 32
    accumulation: Positive = 1
    learning_rate: PositiveFloat = 5e-5
    head_learning_rate: PositiveFloat = 1e-3
    layer_decay: Annotated[float, Field(gt=0.0, le=1.0, strict=True)] = 1.0
    weight_decay: NotNegative = 0.01
    warmup: Share = 0.1
    max_grad_norm: PositiveFloat = 1.0
    adversarial: NotNegative = 0.0
    patience: Annotated[int, Field(ge=0, strict=True)] = 3
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, strict=True)] = 13
    precision: Literal["auto", "fp32", "bf16"] = "auto"


ScorerName = Literal["none", "auto", "max-probability", "energy", "mahalanobis", "knn", "knn-contrast"]


class ScopeConfig(Section):
    """Telling utterances in scope from others (docs/out-of-scope.md).

    Args:
        scorer: What scores them; ``none`` trains a model that cannot tell, ``auto`` takes the scorer that does best on
            dev, or ``mahalanobis`` where dev has nothing out of scope.
        outside_share: Which share of the utterances that users send is out of scope: 0.1 is one in ten, an assumption.
            Set it from your own logs. The threshold weighs dev's utterances by it, however many dev holds of each kind.
        keep: Share of dev's utterances that the threshold keeps in scope, where dev has nothing out of scope.
    """

    scorer: ScorerName = "none"
    outside_share: Annotated[float, Field(gt=0.0, lt=1.0, strict=True)] = 0.1
    keep: Annotated[float, Field(gt=0.0, le=1.0, strict=True)] = 0.95


class Config(Section):
    """A whole training run.

    Args:
        data: Where the utterances are.
        encoder: Which encoder; ``encoder: NAME`` is short for ``encoder: {name: NAME}``.
        model: The heads.
        training: How to train.
        scope: Telling utterances in scope from others.
    """

    data: DataConfig
    encoder: EncoderConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    scope: ScopeConfig = ScopeConfig()
