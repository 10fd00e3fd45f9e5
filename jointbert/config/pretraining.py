"""The shape of a pretraining config: every key, what it means, and what its value may be."""

from __future__ import annotations

from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationInfo, field_validator

from jointbert.config.shape import Flag, Positive, PositiveFloat, Section, Share

Size = Literal["tiny", "mini", "small", "medium", "base", "large"]
_FRESH = ("tokenizer", "size", "max_pieces", "embeddings", "positions")
"""Keys of a model that begins anew; a checkpoint brings its own."""

Length = Annotated[int, Field(ge=16, le=512, strict=True)]


class TextSource(Section):
    """A text file.

    Args:
        path: UTF-8 text, plain or packed (.xz, .gz, .zst): a paragraph or a turn a line, blank lines between
            documents. A name that is not there is looked up in the folder that JOINTBERT_CORPORA names.
        document_lines: The most lines of a document; null where blank lines are enough. A log of conversations without
            blank lines needs it.
        share: Share of its documents that is read, evenly spread.
    """

    path: str
    document_lines: Positive | None = None
    share: Annotated[float, Field(gt=0.0, le=1.0, strict=True)] = 1.0


class CorpusConfig(Section):
    """What to read.

    Args:
        sources: The text files.
        held_out: Share of the documents that is kept for measuring, not for training.
        processes: How many processes build the examples; null takes one per core.
    """

    sources: Annotated[list[TextSource], Field(min_length=1)]
    held_out: Annotated[float, Field(gt=0.0, le=0.5, strict=True)] = 0.005
    processes: Positive | None = None


class PretrainModelConfig(Section):
    """The encoder to make.

    Args:
        tokenizer: A folder that ``jointbert tokenizer train`` wrote, or any encoder's. Not used with ``--from``.
        size: A published BERT shape. Not used with ``--from``.
        max_pieces: Number of positions: the longest input it will ever read. Not used with ``--from``.
        dropout: Share of states dropped in training. Text that is read once or twice only needs none.
        embeddings: Where the pieces' vectors start: ``random``, or ``counts`` of which pieces stand near each other in
            the corpus, which saves a short run the time to learn that. Not used with ``--from``.
        positions: Where the learned position vectors start: ``random`` as in BERT, or ``sinusoidal``, from which a
            short run learns much sooner to look at a piece's neighbours. Not used with ``--from``.
        weights: Number format of the weights on disk; ``fp16`` halves them.
    """

    tokenizer: str | None = None
    size: Size = "mini"
    max_pieces: Length = 512
    dropout: Share = 0.1
    embeddings: Literal["random", "counts"] = "random"
    positions: Literal["random", "sinusoidal"] = "random"
    weights: Literal["fp32", "fp16"] = "fp32"

    def set_in_vain(self) -> list[str]:
        """The keys that were set and that a run from a checkpoint does not use; null sets nothing."""
        return [key for key in _FRESH if key in self.model_fields_set and getattr(self, key) is not None]


class ObjectiveConfig(Section):
    """What it learns to do.

    Args:
        mlm_share: Share of the pieces that are chosen, afresh each time a text is seen.
        whole_words: Choose whole words instead of pieces.
        segmenter: ``jieba`` finds the words of Chinese text for ``whole_words``, which it needs; null: each character
            is one.
        nsp: Also learn whether B follows A (half the pairs are consecutive); false packs one segment an input.
        length: Longest input in pieces, special ones included.
        short_share: Share of the inputs that are made shorter than ``length`` on purpose, to a random length.
    """

    mlm_share: Annotated[float, Field(gt=0.0, lt=1.0, strict=True)] = 0.15
    whole_words: Flag = False
    segmenter: Literal["jieba"] | None = None
    nsp: Flag = True
    length: Length = 128
    short_share: Share = 0.1

    @field_validator("segmenter")
    @classmethod
    def _finds_what_is_chosen(cls, segmenter: str | None, info: ValidationInfo) -> str | None:
        if segmenter is not None and info.data.get("whole_words") is False:
            raise ValueError("null, or objective.whole_words: true")
        return segmenter


class PretrainTrainingConfig(Section):
    """How to train.

    Args:
        steps: How often the weights move.
        batch_size: Inputs a step and process.
        accumulation: Batches whose gradients are added up before the weights move.
        learning_rate: Peak rate.
        warmup: Share of the steps on which the rate rises; it falls linearly after.
        weight_decay: AdamW's decay; biases and layer norms have none.
        max_grad_norm: Gradients longer than this are shortened to it.
        log_every: Steps between two points of the learning curve.
        save_every: Steps between two checkpoints that a stopped run can go on from.
        seed: Of everything random.
        precision: ``auto`` takes bf16 where the CPU (AMX, AVX512-BF16) or GPU computes it fast.
    """

    steps: Positive
    batch_size: Positive = 64
    accumulation: Positive = 1
    learning_rate: PositiveFloat = 1e-3
    warmup: Share = 0.05
    weight_decay: Annotated[float, Field(ge=0.0, strict=True, allow_inf_nan=False)] = 0.01
    max_grad_norm: PositiveFloat = 1.0
    log_every: Positive = 50
    save_every: Positive = 500
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, strict=True)] = 13
    precision: Literal["auto", "fp32", "bf16"] = "auto"


class PretrainConfig(Section):
    """A whole pretraining run.

    Args:
        corpus: What to read.
        model: The encoder to make.
        objective: What it learns to do.
        training: How to train.
    """

    corpus: CorpusConfig
    model: PretrainModelConfig = PretrainModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: PretrainTrainingConfig

    def used_yaml(self, start: str | None) -> str:
        """The config with every default spelled out, without the keys that a run from a checkpoint does not use."""
        unused = set() if start is None else set(_FRESH)
        return yaml.safe_dump(self.model_dump(exclude={"model": unused}), sort_keys=False, allow_unicode=True)
