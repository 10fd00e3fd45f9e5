"""What decides how far the numbers of a report can be trusted: leaks, size, confidences, rare labels."""

from __future__ import annotations

from collections.abc import Iterator

from jointbert.report.cases import Case
from jointbert.report.figures import SENTENCE
from jointbert.report.findings import Advice
from jointbert.report.material import Material, examples
from jointbert.report.prose import counted, prose

WIDE = 0.03
"""Half an interval (0..1) from which on the data is called small."""
ENOUGH = 100
"""Utterances below which data is called small, whatever its interval."""
FEW = 5


def caveats(material: Material) -> tuple[Advice, ...]:
    """Every caveat that the numbers support; none of them wins a point."""
    return (*_leak(material), *_size(material), *_confidence(material), *_rare(material))


def _accuracy(cases: list[Case]) -> str:
    return f"{100 * sum(case.right for case in cases) / len(cases):.1f} %"


def _leak(material: Material) -> Iterator[Advice]:
    if material.training is None:
        return
    judged = [case for case in material.cases if case.judged]
    leaked = [case for case in judged if material.training.knows(case.gold.text)]
    rest = [case for case in judged if not material.training.knows(case.gold.text)]
    if leaked:
        without = (
            f" Without them sentence accuracy is {_accuracy(rest)}, with them {_accuracy(judged)}." if rest else ""
        )
        yield Advice(
            prose(
                f"{counted(len(leaked), 'text')} of this data {'is' if len(leaked) == 1 else 'are'} in training too."
            ),
            prose(f"Scores count there what was learned by heart.{without}"),
            prose("Keep equal texts on one side: {} does.", "jointbert data split"),
            examples=examples(leaked),
        )


def _size(material: Material) -> Iterator[Advice]:
    figure = next(figure for figure in material.figures if figure.name == SENTENCE)
    if figure.low is None or figure.high is None or figure.value is None:
        return
    half, total = (figure.high - figure.low) / 2, sum(case.judged for case in material.cases)
    if half < WIDE and total >= ENOUGH:
        return
    yield Advice(
        prose("This data is too small to tell good models from better ones."),
        prose(
            f"{counted(total, 'utterance')}: sentence accuracy lies between {100 * figure.low:.1f} % and "
            f"{100 * figure.high:.1f} % with 95 % confidence, and a single utterance is {100 / total:.1f} points."
        ),
        prose("Label more before you compare models on it; four times as much halves the interval."),
    )


def _confidence(material: Material) -> Iterator[Advice]:
    found = material.miscalibration
    if found is None:
        return
    how = "not in line with what is right" if found.direction is None else f"too {found.direction}"
    step = "Train again: training fits calibration on its dev set, and this model has none."
    if "calibrated" in material.held:
        step = "Make the dev set more like this data and train again: confidences were calibrated on dev."
    yield Advice(
        prose(f"Confidences are {how}."),
        prose(
            f"The mean confidence is {100 * found.sure:.1f} % and {100 * found.right:.1f} % are right; the calibration "
            f"error is {100 * found.ece:.1f} points, and about {100 * found.chance:.1f} where confidences hold."
        ),
        prose(step),
    )


def _rare(material: Material) -> Iterator[Advice]:
    for kind, rows in (("intent", material.scores.per_intent), ("slot", material.scores.per_slot)):
        real = [row for row in rows if row.support]
        few = [row for row in real if row.support < FEW]
        if few:
            yield Advice(
                prose(f"{len(few):,} of {counted(len(real), kind)} are too rare here for a score of their own."),
                prose(f"They have fewer than {FEW} {'utterances' if kind == 'intent' else 'spans'} each."),
                prose("Read their rows as anecdotes, or label more of them."),
            )
