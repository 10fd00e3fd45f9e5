"""Advice on what is taken for what: a piece for each confusion of intents or slots that happens often enough."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from jointbert.evaluation.confusion import Key
from jointbert.report.cases import Case, Wrong
from jointbert.report.findings import Advice
from jointbert.report.material import LEAST, Material, examples
from jointbert.report.prose import Prose, counted, joined, prose
from jointbert.report.training import Training

RARE = 3
"""An intent with this many times fewer training utterances than the other is the rare one of the two."""


def intent_advice(material: Material) -> Iterator[Advice]:
    """One piece for each pair of intents of which one is often enough taken for the other."""
    pairs: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in material.cases:
        if case.wrong_intent is not None and case.wrong_intent[1] is not None:
            pairs[case.wrong_intent[0], case.wrong_intent[1]].append(case)
    support = Counter(case.gold.intent for case in material.cases)
    for (gold, said), cases in pairs.items():
        trained = _trained_on(material.training, gold, said)
        if len(cases) < LEAST or material.setup.lacks_intent(gold, material.training):
            continue  # what training never had is advised on as a whole
        points = material.points(cases)
        share = prose(
            f"{len(cases):,} of {counted(support[gold], 'utterance')} with {{}} are taken for {{}}.", gold, said
        )
        yield Advice(
            prose(f"{{}} loses {_lost(points)} to {{}}.", gold, said),
            joined(share, _counts(trained, gold, said)),
            _intent_step(gold, said, trained, len(pairs.get((said, gold), ()))),
            points,
            examples(cases),
        )


def _lost(points: float | None) -> str:
    """What a label loses, where it is in utterances that sentence accuracy leaves out, too."""
    return "spans" if points is None else f"{points:.1f} points"


def _trained_on(training: Training | None, gold: str, said: str) -> tuple[int, int] | None:
    return None if training is None else (training.intents[gold], training.intents[said])


def _counts(trained: tuple[int, int] | None, gold: str, said: str) -> Prose:
    if trained is None:
        return ()
    return prose(f"Training has {trained[0]:,} with {{}} and {trained[1]:,} with {{}}.", gold, said)


def _intent_step(gold: str, said: str, trained: tuple[int, int] | None, back: int) -> Prose:
    if trained is not None and trained[0] * RARE < trained[1]:
        more = max(20, min(200, trained[1] // RARE - trained[0]))
        return prose(f"Add {more} or so training utterances of {{}} that are worded like these.", gold)
    if back >= LEAST:
        words = f"{back:,} go the other way: write down what tells {{}} from {{}}, correct the labels that break it, "
        return prose(words + "or make one intent of the two.", gold, said)
    return prose(
        "Read these: correct labels that are wrong, then add to training the same wordings as {} and as {}.", gold, said
    )


def slot_advice(material: Material) -> Iterator[Advice]:
    """One piece for each way of getting a slot wrong that happens often enough."""
    ways: dict[Key, list[tuple[Case, Wrong]]] = defaultdict(list)
    support: Counter[str] = Counter()
    for case in material.cases:
        support.update(span.slot for span in case.pair.gold_spans)
        for wrong in case.wrong_spans:
            ways[wrong[0]].append((case, wrong))
    for (kind, gold, said), found in ways.items():
        slot = gold or said or ""
        if len(found) < LEAST or (gold and material.setup.lacks_slot(gold, material.training)):
            continue
        utterances = list({id(case): case for case, _ in found}.values())
        values = [example.gold or "" for _, (_, example) in found]
        share = f"{len(found):,} of {counted(support[slot], 'span')}, in {counted(len(utterances), 'utterance')}."
        if kind == "spurious":
            share = f"{counted(len(found), 'time')}, in {counted(len(utterances), 'utterance')}."
        points = material.points(utterances)
        what, evidence, step = _slot_words((kind, gold, said), points, values, material.training)
        shows = joined(prose(share), evidence, _first(found[0][1]))
        yield Advice(what, shows, step, points, examples(utterances))


def _first(wrong: Wrong) -> Prose:
    """How the first one looks, where its two sides differ."""
    (kind, _, _), example = wrong
    if kind != "boundary":
        return ()
    return prose("For example {} is read as {}.", example.gold, example.predicted)


def _slot_words(
    key: Key, points: float | None, values: Sequence[str], training: Training | None
) -> tuple[Prose, Prose, Prose]:
    """What goes wrong, what training has to do with it, and what to do."""
    kind, gold, said = key
    if kind == "boundary":
        step = prose("Write down where {} starts and ends, and correct the labels of training that do otherwise.", gold)
        return prose(f"{{}} loses {_lost(points)} to wrong edges.", gold), (), step
    if kind == "missed":
        what = f"{{}} loses {_lost(points)} to spans that are missed." if points else "Spans of {} are missed."
        return prose(what, gold), *_missed(gold or "", values, training)
    if kind == "spurious":
        step = prose("Label these if they were forgotten; if not, add utterances in which such words have no label.")
        return prose("{} is found where the data has no label.", said), (), step
    return prose(f"{{}} loses {_lost(points)} to {{}}.", gold, said), *_relabelled(
        gold or "", said or "", values, training
    )


def _missed(slot: str, values: Sequence[str], training: Training | None) -> tuple[Prose, Prose]:
    wording = prose("Add training utterances that are worded like these, and look for {} left bare there.", slot)
    if training is None:
        return (), wording
    new = sum(not training.uses(value)[slot] for value in values)
    evidence = prose(f"Training knows {len(values) - new:,} of these {counted(len(values), 'value')} as {{}}.", slot)
    return evidence, prose("Add more values of {} to training.", slot) if 2 * new > len(values) else wording


def _relabelled(gold: str, said: str, values: Sequence[str], training: Training | None) -> tuple[Prose, Prose]:
    step = prose("Add pairs of training utterances in which only the words around tell {} from {}.", gold, said)
    if training is None:
        return (), step
    misled = sum(training.uses(value)[said] > training.uses(value)[gold] for value in values)
    words = f"Training has {misled:,} of these {len(values):,} values more often as {{}} than as {{}}."
    if 2 * misled > len(values):
        step = prose("Add training utterances in which these values are {}.", gold)
    return prose(words, said, gold), step
