"""Advice on the data: labels and values that training lacks, doubtful gold, long utterances, cut texts."""

from __future__ import annotations

from collections.abc import Iterator

from jointbert.report.cases import Case
from jointbert.report.findings import Advice, LengthRow
from jointbert.report.lengths import group_name, length_group
from jointbert.report.material import LEAST, Material, examples
from jointbert.report.prose import counted, joined, prose
from jointbert.report.slots import NEW, SEEN, known_as
from jointbert.report.training import Training

NAMES = 5
ENOUGH = 20
"""Spans or utterances from which on a rate of a group is compared with another."""
OFF = 0.05
"""Calibration error (0..1) from which on confidences are no good witnesses."""
GAP = 0.10
"""Difference of two rates (0..1) that is worth telling."""


def data_advice(material: Material) -> Iterator[Advice]:
    """Every piece that the numbers support."""
    yield from _unseen_intents(material)
    yield from _unseen_slots(material)
    yield from _unseen_values(material)
    yield from _doubtful_gold(material)
    yield from _lengths(material)
    yield from _cut_texts(material)


def _unseen_intents(material: Material) -> Iterator[Advice]:
    if material.training is None:
        return
    known = material.training.intents
    cases = [case for case in material.cases if case.wrong_intent is not None and not known[case.wrong_intent[0]]]
    names = list(dict.fromkeys(case.wrong_intent[0] for case in cases if case.wrong_intent is not None))
    if names:
        yield _lacking("intent", names, len(cases), material.points(len(cases)), examples(cases))


def _unseen_slots(material: Material) -> Iterator[Advice]:
    if material.training is None:
        return
    known = material.training.slots
    spans = [(case, span.slot) for case in material.cases for span in case.pair.gold_spans if not known[span.slot]]
    cases = list({id(case): case for case, _ in spans}.values())
    if cases:
        names = list(dict.fromkeys(slot for _, slot in spans))
        yield _lacking("slot", names, len(cases), material.points(len(cases)), examples(cases))


def _lacking(kind: str, names: list[str], utterances: int, points: float, shown: tuple[str, ...]) -> Advice:
    more = f" and {len(names) - NAMES:,} more" if len(names) > NAMES else ""
    listed = prose(", ".join(["{}"] * min(NAMES, len(names))) + f"{more}.", *names[:NAMES])
    return Advice(
        prose(f"Training never had {counted(len(names), kind)} of this data."),
        joined(listed, prose(f"{counted(utterances, 'utterance')} cannot be right.")),
        prose(f"Add ten training utterances or more of each, or take the {kind}s out of this data."),
        points,
        shown,
    )


def _unseen_values(material: Material) -> Iterator[Advice]:
    rows = {row.name: row for row in material.values}
    if SEEN not in rows:
        return
    seen, new = rows[SEEN], rows[NEW]
    if min(seen.spans, new.spans) < ENOUGH or seen.recall is None or new.recall is None:
        return
    if seen.recall - new.recall >= GAP:
        yield Advice(
            prose("Values that training never had are found less often."),
            prose(
                f"{100 * new.recall:.1f} % of {new.spans:,} are found, against {100 * seen.recall:.1f} % of the "
                f"{seen.spans:,} that it had; {counted(new.utterances_wrong, 'utterance')} lose one."
            ),
            prose("Add values to training, or train with {} so that it reads contexts.", "data.substitution: 0.3"),
            material.points(new.utterances_wrong),
            examples(case for case in material.cases if _loses_new_value(case, material.training)),
        )


def _loses_new_value(case: Case, training: Training | None) -> bool:
    lost = case.pair.gold_places - case.pair.predicted_places
    return training is not None and any(
        (span.slot, span.start, span.end) in lost and known_as(span, training) == NEW for span in case.pair.gold_spans
    )


def _doubtful_gold(material: Material) -> Iterator[Advice]:
    total = material.doubts.total
    if total >= LEAST:
        final = material.held[list(material.held)[-1]] if material.held else {}
        off = any(found.ece >= OFF for found in final.values())
        too_sure = " Its confidences do not hold, so expect many of them to be its own mistakes." if off else ""
        yield Advice(
            prose("Some of the labels that the model is measured by look wrong."),
            prose(
                f"In {counted(total, 'utterance')} the model contradicts the label and is at least as sure as it "
                f"usually is when it is right.{too_sure}"
            ),
            prose("Read the likely annotation errors below, correct those that are errors, and measure again."),
            material.points(total),
            tuple(exhibit.text for exhibit in material.doubts.shown[:3]),
        )


def _lengths(material: Material) -> Iterator[Advice]:
    """The lengths that lose most against the rest of the data."""
    overall = material.scores.sentence_accuracy
    if overall is None:
        return
    behind = [
        (row.utterances * (overall - row.sentence), row)
        for row in material.lengths
        if row.sentence is not None and row.utterances >= ENOUGH and overall - row.sentence >= GAP
    ]
    if behind:
        lost, row = max(behind, key=lambda found: found[0])
        yield _length(material, row, overall, lost)


def _length(material: Material, row: LengthRow, overall: float, lost: float) -> Advice:
    evidence = (
        f"{100 * (row.sentence or 0):.1f} % of {row.utterances:,} are right, against {100 * overall:.1f} % overall."
    )
    if row.train is not None:
        evidence += f" Training has {row.train:,} of that length."
    wrong = (c for c in material.cases if not c.right and group_name(length_group(c.gold.text)) == row.name)
    return Advice(
        prose(f"Utterances of {row.name} words are understood less often."),
        prose(evidence),
        prose("Add training utterances of that length."),
        material.points(1) * lost,
        examples(wrong),
    )


def _cut_texts(material: Material) -> Iterator[Advice]:
    cut = [case for case in material.cases if case.parse.truncated_at is not None]
    wrong = [case for case in cut if not case.right]
    if wrong:
        yield Advice(
            prose("Some texts outrun the model's length and are not read to their end."),
            prose(f"{counted(len(cut), 'text')}, of which {len(wrong):,} are parsed wrongly."),
            prose("Train with a larger {}.", "encoder.max_pieces"),
            material.points(len(wrong)),
            examples(wrong),
        )
