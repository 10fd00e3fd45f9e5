"""What a reader of scores has to know besides the numbers: what was left out, widened, or not there at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from jointbert.evaluation.pairing import Pair
from jointbert.utterance import Parse, Span, Utterance

NO_INTENTS = "There are no intent scores: the model gives no intents."

_NAMES = 5


def notes_on(gold: Sequence[Utterance], predicted: Sequence[Parse], pairs: Sequence[Pair]) -> tuple[str, ...]:
    """One sentence for each thing that bends the scores; empty when nothing does.

    Args:
        gold: The gold utterances as read.
        predicted: Their parses as given.
        pairs: The two side by side, spans in the units that are scored.

    Example:
        >>> from jointbert.evaluation.pairing import pair_up
        >>> gold, parses = [Utterance("hi", "greet")], [Parse("hi", "greet")]
        >>> notes_on(gold, parses, pair_up(gold, parses))
        ('There is no slot F1: neither gold nor predictions have a span.',)
    """
    notes = [*_on_intents(pairs), *_on_spans(pairs)]
    ours = sum(_moved(utterance.spans, pair.gold_spans) for utterance, pair in zip(gold, pairs, strict=True))
    theirs = sum(_moved(parse.spans, pair.predicted_spans) for parse, pair in zip(predicted, pairs, strict=True))
    if ours:
        notes.append(f"Gold spans that did not fit the tokens and were stretched to them, or lost: {ours}.")
    if theirs:
        notes.append(f"Predicted spans that did not fit the tokens and were stretched to them, or lost: {theirs}.")
    cut = sum(parse.truncated_at is not None for parse in predicted)
    if cut:
        notes.append(f"Texts that the model read only in part, because they outran its length: {cut}.")
    return tuple(notes)


def notes_on_labels(
    gold: Iterable[Utterance], intents: Collection[str] | None, slots: Collection[str] | None
) -> tuple[str, ...]:
    """A sentence on the gold intents, and one on the gold slots, that a model does not know; none where it knows all.

    Args:
        gold: The utterances that the model is judged on.
        intents: The model's intents; None for a model without, which is not judged by them.
        slots: The model's slots; None for a model without.

    Example:
        >>> gold = [Utterance("hi", "greet", where="a:1"), Utterance("bye", "leave", where="a:2")]
        >>> notes_on_labels(gold, ["greet"], None)
        ("Gold intents that the model does not know, so they count as wrong: 'leave' (1 utterance, a:2).",)
    """
    new_intents: dict[str, list[Utterance]] = defaultdict(list)
    new_slots: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in gold:
        if intents is not None and utterance.intent is not None and utterance.intent not in intents:
            new_intents[utterance.intent].append(utterance)
        for slot in {span.slot for span in utterance.spans}.difference(slots or ()):
            new_slots[slot].append(utterance)
    kinds = {"intents": new_intents, "slots": new_slots}
    what = "that the model does not know, so they count as wrong"
    return tuple(f"Gold {kind} {what}: {_listing(found)}." for kind, found in kinds.items() if found)


def _listing(found: dict[str, list[Utterance]]) -> str:
    """The commonest names, each with how many utterances have it and where the first is."""
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    told = []
    for name, utterances in ranked[:_NAMES]:
        count = "1 utterance" if len(utterances) == 1 else f"{len(utterances)} utterances"
        where = utterances[0].where
        first = "" if where is None else f", {where}" if len(utterances) == 1 else f", the first at {where}"
        told.append(f"{name!r} ({count}{first})")
    more = len(ranked) - _NAMES
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def _on_intents(pairs: Sequence[Pair]) -> list[str]:
    without = sum(pair.gold_intent is None for pair in pairs)
    if without == len(pairs):
        return ["There are no intent scores: the data has no intents."]
    if all(pair.predicted_intent is None for pair in pairs):
        return [NO_INTENTS]
    if without:
        return [f"Utterances without a gold intent, left out of intent and sentence accuracy: {without}."]
    return []


def _on_spans(pairs: Sequence[Pair]) -> list[str]:
    gold = any(pair.gold_spans for pair in pairs)
    predicted = any(pair.predicted_spans for pair in pairs)
    if not gold and not predicted:
        return ["There is no slot F1: neither gold nor predictions have a span."]
    if not gold:
        return ["Slot F1 is 0: gold has no span, so every predicted one is wrong."]
    if not predicted:
        return ["Slot F1 is 0: no prediction has a span."]
    return []


def _moved(before: Sequence[Span], after: Sequence[Span]) -> int:
    """How many spans have not kept their place."""
    kept = {(span.slot, span.start, span.end) for span in after}
    return sum((span.slot, span.start, span.end) not in kept for span in before)
