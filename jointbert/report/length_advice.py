"""Advice on the length of utterances: lengths that are understood less often, and texts that are cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from jointbert.evaluation.fisher import less_often
from jointbert.evaluation.significance import holm
from jointbert.report.cases import Case
from jointbert.report.findings import Advice
from jointbert.report.lengths import group_name, length_group
from jointbert.report.material import ALPHA, ENOUGH, GAP, Material, examples
from jointbert.report.prose import Prose, counted, prose
from jointbert.report.setup import Setup


def length_advice(material: Material) -> Iterator[Advice]:
    """Every piece that the numbers support."""
    yield from _lengths(material)
    yield from _cut_texts(material)


def _lengths(material: Material) -> Iterator[Advice]:
    """The lengths that lose most against the rest of the data, where more than chance is behind it.

    Each group of lengths that is large enough is tested against all other utterances, and Holm's correction makes up
    for their being several.
    """
    groups: dict[int, list[Case]] = defaultdict(list)
    for case in material.cases:
        if case.judged:
            groups[length_group(case.gold.text)].append(case)
    judged = [case for cases in groups.values() for case in cases]
    tested = [number for number, cases in groups.items() if min(len(cases), len(judged) - len(cases)) >= ENOUGH]
    chances = holm([_less_often(groups[number], judged) for number in tested])
    behind = {number: _gap(groups[number], judged) for number, p in zip(tested, chances, strict=True) if p < ALPHA}
    behind = {number: gap for number, gap in behind.items() if gap >= GAP}
    if behind:
        number = max(behind, key=lambda number: behind[number] * len(groups[number]))
        yield _length(material, group_name(number), groups[number], judged)


def _right(cases: Sequence[Case]) -> int:
    return sum(case.right for case in cases)


def _less_often(cases: Sequence[Case], judged: Sequence[Case]) -> float:
    """The probability (0..1) that chance alone gives these cases among all so few right ones."""
    right, total = _right(cases), len(cases)
    return less_often(right, total, _right(judged) - right, len(judged) - total)


def _others(cases: Sequence[Case], judged: Sequence[Case]) -> float:
    """The share (0..1) of all other cases that is right."""
    return (_right(judged) - _right(cases)) / (len(judged) - len(cases))


def _gap(cases: Sequence[Case], judged: Sequence[Case]) -> float:
    return _others(cases, judged) - _right(cases) / len(cases)


def _length(material: Material, name: str, cases: Sequence[Case], judged: Sequence[Case]) -> Advice:
    evidence = (
        f"{100 * _right(cases) / len(cases):.1f} % of {len(cases):,} are right, against "
        f"{100 * _others(cases, judged):.1f} % of the others."
    )
    known = next(row.train for row in material.lengths if row.name == name)
    if known is not None:
        evidence += f" Training has {known:,} of that length."
    wrong = [case for case in cases if not case.right]
    return Advice(
        prose(f"Utterances of {name} words are understood less often."),
        prose(evidence),
        prose("Add training utterances of that length."),
        material.points(wrong),
        examples(wrong),
    )


def _cut_texts(material: Material) -> Iterator[Advice]:
    cut = [case for case in material.cases if case.parse.truncated_at is not None]
    wrong = [case for case in cut if not case.right]
    if wrong:
        yield Advice(
            prose("Some texts outrun the model's length and are not read to their end."),
            prose(f"{counted(len(cut), 'text')}, of which {len(wrong):,} are parsed wrongly."),
            _cut_step(material.setup),
            material.points(wrong),
            examples(wrong),
        )


def _cut_step(setup: Setup) -> Prose:
    """A longer input where the encoder has room for one; shorter texts where it has none."""
    if setup.can_read_more is None:
        return prose(
            "Train with a larger {} if the encoder has room for it, or split such texts.", "encoder.max_pieces"
        )
    if setup.can_read_more:
        return prose("Train with a larger {}.", "encoder.max_pieces")
    split = f"Split such texts: the encoder has room for {setup.room:,} pieces and no more."
    return prose(f"{split} Or train with another encoder, one that reads longer ones.")
