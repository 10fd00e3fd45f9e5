"""Everything that a report says, computed and frozen: pages only lay it out."""

from __future__ import annotations

from dataclasses import dataclass

from jointbert.evaluation.reliability import Held
from jointbert.evaluation.scope import ScopeScores
from jointbert.evaluation.score import Scores
from jointbert.report.prose import Prose


@dataclass(frozen=True, slots=True)
class Subject:
    """What the report is about, as its reader named it.

    Args:
        model: The model folder.
        version: Twelve hexadecimal digits of the saved model; empty where it has none.
        engine: What computed the parses.
        data: Where the gold utterances are from.
        train: Where the training utterances are from, or None where they were not found.
        train_utterances: How many there are; None likewise.
        train_outside: How many more there are that are out of scope: intents and slots were not trained on them.
        why_no_train: Why they were not found; None where they were.
    """

    model: str
    data: str
    version: str = ""
    engine: str = ""
    train: str | None = None
    train_utterances: int | None = None
    train_outside: int = 0
    why_no_train: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline number.

    Args:
        name: What it measures.
        value: From 0 to 1, or None where there is none.
        low: Lower end of its 95 % interval (0..1), or None where there is none.
        high: Upper end, likewise.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do, with the numbers that it rests on.

    Args:
        what: What was found, in one sentence.
        evidence: The numbers behind it.
        next_step: What to do.
        points: Points of sentence accuracy (0..100) that it could win at most; None for what wins none: it decides how
            far the numbers can be trusted, or is about utterances that sentence accuracy leaves out.
        examples: Utterances that show it, three at most.
    """

    what: Prose
    evidence: Prose
    next_step: Prose
    points: float | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """How often each intent was taken for each.

    Args:
        names: The most confused intents.
        counts: A row per gold intent, a column per predicted one.
        intents: How many intents there are in all.
    """

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    intents: int


@dataclass(frozen=True, slots=True)
class SlotRow:
    """What became of the gold spans of one slot; the first four counts sum to them.

    Args:
        name: The slot.
        right: Found, with the right edges.
        boundary: Found in a place that overlaps but has other edges.
        label: Found as another slot.
        missed: Not found.
        spurious: Predicted where no gold span is; not among the gold spans.
        f1: The slot's F1 (0..1).
    """

    name: str
    right: int
    boundary: int
    label: int
    missed: int
    spurious: int
    f1: float

    @property
    def gold(self) -> int:
        """The gold spans of the slot."""
        return self.right + self.boundary + self.label + self.missed


@dataclass(frozen=True, slots=True)
class ValueRow:
    """Gold spans by what training knew of their values.

    Args:
        name: What training knew.
        spans: How many there are.
        found: How many were found exactly.
        utterances_wrong: How many utterances have one that was not.
    """

    name: str
    spans: int
    found: int
    utterances_wrong: int

    @property
    def recall(self) -> float | None:
        """Share that was found (0..1); None where there are none."""
        return self.found / self.spans if self.spans else None


@dataclass(frozen=True, slots=True)
class LengthRow:
    """The scores of the utterances of some lengths.

    Args:
        name: The lengths in words, for example ``"4-6"``.
        utterances: How many there are.
        train: How many training has; None where it is not known.
        intent: Intent accuracy (0..1) or None.
        slots: Slot F1 (0..1) or None.
        sentence: Sentence accuracy (0..1) or None.
    """

    name: str
    utterances: int
    train: int | None
    intent: float | None
    slots: float | None
    sentence: float | None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One utterance to look at.

    Args:
        text: The utterance, fit to be shown.
        where: Its place in the data, or empty.
        score: What it is ranked by (0..1); None where it is not known.
        what: What is wrong with it.
    """

    text: str
    where: str
    score: float | None
    what: tuple[Prose, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The first of many utterances to look at.

    Args:
        shown: The first ones.
        total: How many there are in all.
        judged: How many of them count for sentence accuracy.
    """

    shown: tuple[Exhibit, ...]
    total: int
    judged: int


@dataclass(frozen=True, slots=True)
class Warned:
    """What one rule of the linter found.

    Args:
        rule: Its short name, for example ``"leak"``.
        title: What it finds, in words.
        count: How often.
        messages: The first findings.
    """

    rule: str
    title: str
    count: int
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """The whole report.

    Args:
        subject: What it is about.
        figures: The headline numbers.
        advice: What to do, the most promising first.
        caveats: What decides how far the numbers can be trusted.
        scores: All scores, with the rows per intent and slot.
        matrix: Intents taken for intents; None where the data or the model has none.
        slots: What became of each slot's spans, the most frequent slot first.
        values: Gold spans by what training knew; empty where training is not known.
        lengths: Scores by length.
        held: How confidences hold; empty where the parses have none.
        scope: How well the model tells what is out of scope; None where it does not, or where nothing is.
        mistakes: Wrong parses, the most confident first.
        doubts: Gold labels that look wrong, the most suspicious first.
        warnings: What the linter says of training and test together; None where training is not known.
    """

    subject: Subject
    figures: tuple[Figure, ...]
    advice: tuple[Advice, ...]
    caveats: tuple[Advice, ...]
    scores: Scores
    matrix: Matrix | None
    slots: tuple[SlotRow, ...]
    values: tuple[ValueRow, ...]
    lengths: tuple[LengthRow, ...]
    held: Held
    scope: ScopeScores | None
    mistakes: Listing
    doubts: Listing
    warnings: tuple[Warned, ...] | None
