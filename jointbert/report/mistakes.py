"""Utterances to look at: wrong parses that the model was sure of, and gold labels that look wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from jointbert.evaluation.doubt import Doubt, IntentDoubt, rank_labels, tags_chance
from jointbert.evaluation.reliability import sure_spans
from jointbert.report.cases import Case, told
from jointbert.report.findings import Exhibit, Listing
from jointbert.report.prose import Prose, prose, shortened, shown
from jointbert.report.setup import UNKNOWN, Setup
from jointbert.report.training import Training

Label = tuple[str, str]
"""``"intent"`` or ``"slot"``, and its name."""
WHOLE = "spans", ""
"""Stands for all spans of a parse together."""

MOST = 50
HALF = 0.5
"""Share (0..1) of a value's training labels that must say what the model says for the label to be doubted."""
WORDS = 8
"""Mistakes of one utterance that are told; the rest is counted."""
NAME = 80
"""Characters of a name or a value in what is told of a mistake."""


def confident_mistakes(cases: Sequence[Case], most: int = MOST) -> Listing:
    """The wrong parses, the most confident first; those without a confidence come last."""
    wrong = [case for case in cases if not case.right]
    wrong.sort(key=lambda case: -1.0 if case.confidence is None else case.confidence, reverse=True)
    first = tuple(_exhibit(case, case.confidence, told(case)) for case in wrong[:most])
    return Listing(first, len(wrong), sum(case.judged for case in wrong))


def _exhibit(case: Case, score: float | None, what: Sequence[Prose]) -> Exhibit:
    sentences = [shortened(sentence, NAME) for sentence in what[:WORDS]]
    if len(what) > WORDS:
        sentences.append(prose(f"And {len(what) - WORDS} more."))
    return Exhibit(shown(case.gold.text), shown(case.gold.where or ""), score, tuple(sentences))


def label_doubts(cases: Sequence[Case], training: Training | None, setup: Setup = UNKNOWN, most: int = MOST) -> Listing:
    """The gold labels that look wrong, the most suspicious first, as :func:`rank_labels` has them.

    Of what is doubtful there, a report shows less: it is about one model, whose own mistakes are many. The model must
    be at least as sure as it usually is where the label that it gives is the right one; what it never gets right it is
    not believed elsewhere. Where it finds nothing, it must be at least as sure of all its spans together as it usually
    is where they are right. And training is heard: a gold label that it never had, or that is none of the model's, is
    not doubted, for the model could not have given it; nor is a span whose value training labels otherwise than the
    model more often than not.

    Args:
        cases: Each utterance with what is wrong with its parse.
        training: What training had; None where that is not known.
        setup: What is known of how the model was made.
        most: How many are shown.
    """
    usual = _usual(cases)
    ranked = rank_labels([case.gold for case in cases], [case.parse for case in cases])
    witnesses = usual, training, setup
    kept = [(suspect, [doubt for doubt in suspect.doubts if _stands(doubt, *witnesses)]) for suspect in ranked]
    found = [(max(doubt.suspicion for doubt in doubts), suspect.place, doubts) for suspect, doubts in kept if doubts]
    found.sort(key=lambda row: -row[0])
    first = [_exhibit(cases[place], score, [*map(_told, doubts)]) for score, place, doubts in found[:most]]
    return Listing(tuple(first), len(found), sum(cases[place].judged for _, place, _ in found))


def _usual(cases: Sequence[Case]) -> dict[Label, float]:
    """How sure the model is of each label where it is right: mean confidences (0..1)."""
    sure: dict[Label, list[float]] = defaultdict(list)
    for case in cases:
        if case.gold.intent is not None and case.gold.intent == case.parse.intent:
            sure["intent", case.gold.intent].append(case.parse.intent_confidence or 0.0)
        for span, confidence in sure_spans(case.pair, case.parse):
            if (span.slot, span.start, span.end) in case.pair.gold_places:
                sure["slot", span.slot].append(confidence)
        if not case.wrong_spans and case.parse.frame_confidence is not None:
            sure[WHOLE].append(tags_chance(case.parse))
    return {label: fmean(confidences) for label, confidences in sure.items()}


def _stands(doubt: Doubt, usual: Mapping[Label, float], training: Training | None, setup: Setup) -> bool:
    """Whether a doubt is strong enough to be shown, and neither the data nor training speaks against it."""
    label = _says(doubt)
    if not doubt.strong or label not in usual:
        return False
    if doubt.confidence < usual.get(WHOLE if doubt.said is None else label, 1.0):
        return False
    if isinstance(doubt, IntentDoubt):
        return not setup.lacks_intent(doubt.label, training)
    if any(setup.lacks_slot(span.slot, training) for span in doubt.labels):
        return False
    if training is None:
        return True
    uses = training.uses((doubt.said or doubt.labels[0]).value)
    slot = None if doubt.said is None else doubt.said.slot
    return not uses or (slot is not None and uses[slot] >= HALF * uses.total())


def _says(doubt: Doubt) -> Label:
    """Which label the model's word is about."""
    if isinstance(doubt, IntentDoubt):
        return "intent", doubt.said
    return "slot", (doubt.said or doubt.labels[0]).slot


def _told(doubt: Doubt) -> Prose:
    sure = f"with {100 * doubt.confidence:.0f} %"
    if isinstance(doubt, IntentDoubt):
        return prose(f"The label says {{}}; the model says {{}} {sure}.", doubt.label, doubt.said)
    said, labels = doubt.said, doubt.labels
    if said is None:
        return prose("{} is labelled {}; the model finds nothing there.", labels[0].value, labels[0].slot)
    if not labels:
        return prose(f"{{}} has no label; the model says {{}} {sure}.", said.value, said.slot)
    words = f"{{}} is labelled {{}}; the model says {{}} for {{}} {sure}."
    return prose(words, labels[0].value, labels[0].slot, said.slot, said.value)
