"""Advice on the data: labels and values that training lacks, and labels that look wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jointbert.evaluation.fisher import less_often
from jointbert.report.cases import Case
from jointbert.report.findings import Advice, ValueRow
from jointbert.report.material import ALPHA, ENOUGH, GAP, LEAST, Material, examples
from jointbert.report.prose import Prose, counted, joined, prose
from jointbert.report.setup import Setup
from jointbert.report.slots import NEW, SEEN, known_as
from jointbert.report.training import Training

NAMES = 5
SUBSTITUTION = 0.3
"""Share of training's spans (0..1) that are given other values, as advised."""


def data_advice(material: Material) -> Iterator[Advice]:
    """Every piece that the numbers support."""
    yield from _unseen_intents(material)
    yield from _unseen_slots(material)
    yield from _unseen_values(material)
    yield from _doubtful_gold(material)


def _unseen_intents(material: Material) -> Iterator[Advice]:
    found = [(case, case.wrong_intent[0]) for case in material.cases if case.wrong_intent is not None]
    found = [(case, name) for case, name in found if material.setup.lacks_intent(name, material.training)]
    if found:
        had = None if material.training is None else material.training.intents
        yield _lacking("intent", found, had, material)


def _unseen_slots(material: Material) -> Iterator[Advice]:
    found = [(case, span.slot) for case in material.cases for span in case.pair.gold_spans]
    found = [(case, name) for case, name in found if material.setup.lacks_slot(name, material.training)]
    if found:
        had = None if material.training is None else material.training.slots
        yield _lacking("slot", found, had, material)


def _lacking(kind: str, found: list[tuple[Case, str]], had: Counter[str] | None, material: Material) -> Advice:
    """Advice on labels that the model cannot give, each with its utterance; ``had`` counts training's, if known."""
    names = list(dict.fromkeys(name for _, name in found))
    cases = list({id(case): case for case, _ in found}.values())
    never = had is not None and not any(had[name] for name in names)
    who = "Training never had" if never else "The model does not know"
    more = f" and {len(names) - NAMES:,} more" if len(names) > NAMES else ""
    listed = prose(", ".join(["{}"] * min(NAMES, len(names))) + f"{more}.", *names[:NAMES])
    return Advice(
        prose(f"{who} {counted(len(names), kind)} of this data."),
        joined(listed, prose(f"{counted(len(cases), 'utterance')} cannot be right.")),
        prose(f"Train with ten utterances or more of each, or take the {kind}s out of this data."),
        material.points(cases),
        examples(cases),
    )


def _unseen_values(material: Material) -> Iterator[Advice]:
    rows = {row.name: row for row in material.values}
    if SEEN not in rows:
        return
    seen, new = rows[SEEN], rows[NEW]
    if _found_less_often(new, seen):
        losing = [case for case in material.cases if _loses_new_value(case, material.training)]
        yield Advice(
            prose("Values that training never had are found less often."),
            prose(
                f"{100 * (new.recall or 0):.1f} % of {new.spans:,} are found, against {100 * (seen.recall or 0):.1f} % "
                f"of the {seen.spans:,} that it had; {counted(new.utterances_wrong, 'utterance')} lose one."
            ),
            _value_step(material.setup),
            material.points(losing),
            examples(losing),
        )


def _found_less_often(one: ValueRow, other: ValueRow) -> bool:
    """Whether there are enough spans of both to tell, and the difference is worth telling and no chance."""
    if min(one.spans, other.spans) < ENOUGH or one.recall is None or other.recall is None:
        return False
    less = less_often(one.found, one.spans, other.found, other.spans)
    return other.recall - one.recall >= GAP and less < ALPHA


def _value_step(setup: Setup) -> Prose:
    """What has not been done yet for values that are new."""
    data = None if setup.origin is None else setup.origin.data
    if data is None or data.substitution < SUBSTITUTION:
        return prose(
            "Add values to training, or train with {} so that it reads contexts.", f"data.substitution: {SUBSTITUTION}"
        )
    done, place = f"data.substitution: {data.substitution:g}", data.values or "data.values"
    where = "a file that {} names" if data.values is None else "{}"
    return prose(f"Add values to training or to {where}: it trains with {{}} already.", place, done)


def _loses_new_value(case: Case, training: Training | None) -> bool:
    lost = case.pair.gold_places - case.pair.predicted_places
    return training is not None and any(
        (span.slot, span.start, span.end) in lost and known_as(span, training) == NEW for span in case.pair.gold_spans
    )


def _doubtful_gold(material: Material) -> Iterator[Advice]:
    total = material.doubts.total
    if total >= LEAST:
        off = material.miscalibration
        too_sure = ""
        if off is not None and off.direction != "low":
            too_sure = " Its confidences do not hold, so expect many of them to be its own mistakes."
        yield Advice(
            prose("Some of the labels that the model is measured by look wrong."),
            prose(
                f"In {counted(total, 'utterance')} the model contradicts the label and is at least as sure as it "
                f"usually is when it is right.{too_sure}"
            ),
            prose("Read the likely annotation errors below, correct those that are errors, and measure again."),
            material.share(material.doubts.judged),
            tuple(exhibit.text for exhibit in material.doubts.shown[:3]),
        )
