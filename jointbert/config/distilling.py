"""The shape of a distilling config: every key, what it means, and what its value may be."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator

from jointbert.config.pretraining import CorpusConfig, Length, PretrainTrainingConfig
from jointbert.config.shape import Flag, Positive, Section, Share

Weight = Annotated[float, Field(ge=0.0, strict=True, allow_inf_nan=False)]
Depth = Annotated[float, Field(ge=0.0, le=1.0, strict=True)]


class TeacherConfig(Section):
    """The encoder to learn from.

    Args:
        name: A folder, a known name (gte-small, bge-small-zh), or a hub id. Its tokenizer must cut text into the same
            words as the student's, not into the same pieces.
        depths: Where states are compared, as shares of the depth: 0 is what the first layer reads, 1 what the last one
            gives. They are rounded to layers on each side.
        keep: The student learns from so many of the corpus's texts, drawn at random, which the teacher reads once
            before; what it makes of them stays on disk while the run lasts (2 bytes x depths x width a word: 40,000
            texts of 64 pieces take 4 GB with gte-small). Null: it reads along, and the texts are all that there are.
    """

    name: str
    depths: Annotated[tuple[Depth, ...], Field(min_length=1)] = (0.0, 0.5, 1.0)
    keep: Positive | None = None

    @field_validator("depths")
    @classmethod
    def _ascending(cls, depths: tuple[float, ...]) -> tuple[float, ...]:
        if any(late <= early for early, late in pairwise(depths)):
            raise ValueError("depths in ascending order, each once")
        return depths


class DistillObjectiveConfig(Section):
    """What the student learns to do.

    Args:
        length: Longest text in pieces of the student, special ones included.
        short_share: Share of the texts that are made shorter than ``length`` on purpose, down to a sentence.
        mlm_share: Share of the student's pieces that are chosen, afresh each time a text is seen. It must match the
            teacher, who sees the whole text, at these too, and guess them.
        whole_words: Choose whole words instead of pieces.
        mlm_weight: What guessing them (in nats a piece) counts beside the states.
        sentence_weight: What each of the text's two vectors ([CLS], and the mean of all pieces) counts beside a depth.
        nsp_pairs: Pairs of texts that the NSP head is fitted on anew when the student has learned, for the one that it
            brought no longer fits its states. 0, or a corpus without two texts in a document: it is left out.
    """

    length: Length = 64
    short_share: Share = 0.5
    mlm_share: Annotated[float, Field(gt=0.0, lt=1.0, strict=True)] = 0.15
    whole_words: Flag = False
    mlm_weight: Weight = 0.1
    sentence_weight: Weight = 0.5
    nsp_pairs: Annotated[int, Field(ge=0, strict=True)] = 16_000


class StudentConfig(Section):
    """The encoder that learns; the command line names it.

    Args:
        dropout: Share of states dropped in training. Text that is read once or twice only needs none.
        weights: Number format of the weights on disk; ``fp16`` halves them.
    """

    dropout: Share = 0.0
    weights: Literal["fp32", "fp16"] = "fp32"


class DistillConfig(Section):
    """A whole distilling run.

    Args:
        corpus: What to read.
        teacher: The encoder to learn from.
        student: The encoder that learns.
        objective: What it learns to do.
        training: How to train.
    """

    corpus: CorpusConfig
    teacher: TeacherConfig
    student: StudentConfig = StudentConfig()
    objective: DistillObjectiveConfig = DistillObjectiveConfig()
    training: PretrainTrainingConfig
