"""From gold utterances and their parses to findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jointbert.evaluation.picture import confused_matrix
from jointbert.evaluation.reliability import Held, hold
from jointbert.evaluation.scope import ScopeScores
from jointbert.evaluation.score import Scores, evaluate
from jointbert.report.cases import Case, build_cases
from jointbert.report.caveats import caveats
from jointbert.report.confusion_advice import intent_advice, slot_advice
from jointbert.report.data_advice import data_advice
from jointbert.report.figures import figures
from jointbert.report.findings import Advice, Findings, Matrix, Subject
from jointbert.report.leakage import warnings_on
from jointbert.report.length_advice import length_advice
from jointbert.report.lengths import length_rows
from jointbert.report.material import Material
from jointbert.report.mistakes import confident_mistakes, label_doubts
from jointbert.report.setup import UNKNOWN, Setup
from jointbert.report.slots import slot_rows, value_rows
from jointbert.report.training import Training
from jointbert.utterance import Parse, Utterance

ADVICE = 12
"""Pieces of advice that a report gives."""


def build_findings(
    subject: Subject,
    gold: Sequence[Utterance],
    parses: Sequence[Parse],
    train: Sequence[Utterance] | None = None,
    raw: Sequence[Parse] | None = None,
    *,
    setup: Setup = UNKNOWN,
    scope: ScopeScores | None = None,
    notes: Sequence[str] = (),
) -> Findings:
    """Everything that a report says.

    Args:
        subject: What it is about.
        gold: What is right; at least one utterance.
        parses: What the model made of the same texts, in the same order.
        train: What it was trained on; None where that is not known.
        raw: The parses with uncalibrated confidences, where ``parses`` has calibrated ones.
        setup: What is known of how the model was made.
        scope: How well the model tells what is out of scope, where that is known.
        notes: What a reader of the scores has to know besides.

    Raises:
        DataError: There is nothing to compare, or the two sides are not the same texts.
    """
    scores = evaluate(gold, parses)
    scores = replace(scores, notes=(*scores.notes, *notes))
    training = None if train is None else Training.of(train)
    material = _material(tuple(build_cases(gold, parses)), scores, training, hold(gold, parses, raw), setup)
    return Findings(
        subject=subject,
        figures=material.figures,
        advice=_ranked(material),
        caveats=caveats(material),
        scores=scores,
        matrix=_matrix(material.cases, scores),
        slots=slot_rows(material.cases, scores),
        values=material.values,
        lengths=material.lengths,
        held=material.held,
        scope=scope,
        mistakes=confident_mistakes(material.cases),
        doubts=material.doubts,
        warnings=warnings_on(gold, training),
    )


def _material(cases: tuple[Case, ...], scores: Scores, training: Training | None, held: Held, setup: Setup) -> Material:
    return Material(
        cases,
        scores,
        figures(cases, scores),
        training,
        value_rows(cases, training),
        length_rows(cases, training),
        held if any(held.values()) else {},
        label_doubts(cases, training, setup),
        setup,
    )


def _ranked(material: Material) -> tuple[Advice, ...]:
    """The advice that could win most comes first."""
    found = [*data_advice(material), *length_advice(material), *intent_advice(material), *slot_advice(material)]
    return tuple(sorted(found, key=lambda advice: -(advice.points or 0.0))[:ADVICE])


def _matrix(cases: Sequence[Case], scores: Scores) -> Matrix | None:
    if scores.intent_accuracy is None:
        return None
    names, counts = confused_matrix([case.pair for case in cases])
    return Matrix(tuple(names), tuple(tuple(row) for row in counts.tolist()), len(scores.per_intent))
