"""Label errors made on purpose: a known share of utterances gets one wrong intent or one wrong slot each.

Half of them get another intent, drawn from the others; half get one span spoilt: another slot's name, the span dropped,
or one of its edges moved by a token, in equal parts. Where the data has no slots all get another intent, and the other
way round. Everything is drawn from one seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from jointbert import Span, Utterance

INTENT, SLOT, DROPPED, BOUNDARY = "another intent", "another slot", "span dropped", "edge moved"
KINDS = (INTENT, SLOT, DROPPED, BOUNDARY)
UNIT = re.compile(r"[⺀-鿿豈-﫿]|[^\s⺀-鿿豈-﫿]+")
"""A token of data without tokens: what stands between white space, or one Chinese character."""


def corrupt(utterances: Sequence[Utterance], share: float, seed: int) -> tuple[list[Utterance], dict[int, str]]:
    """The utterances with errors, and index → kind of those that have one.

    Args:
        utterances: Labelled utterances, believed to be right.
        share: Of them that get an error, 0..1.
        seed: Of all draws.
    """
    chance = random.Random(seed)
    intents = sorted({item.intent for item in utterances if item.intent is not None})
    slots = sorted({span.slot for item in utterances for span in item.spans})
    order = chance.sample(range(len(utterances)), len(utterances))
    spoilt, kinds = list(utterances), {}
    for kind in _plan(round(share * len(utterances)), intents, slots):
        for place, index in enumerate(order):
            found = _spoil(utterances[index], kind, intents, slots, chance)
            if found is not None:
                spoilt[index], kinds[index] = found, kind
                del order[place]
                break
    return spoilt, kinds


def _plan(count: int, intents: Sequence[str], slots: Sequence[str]) -> list[str]:
    """The kinds of so many errors: half and half, as far as the data has intents and slots to choose among."""
    of_slots = [SLOT, DROPPED, BOUNDARY] if len(slots) > 1 else [DROPPED, BOUNDARY] if slots else []
    if len(intents) < 2 and not of_slots:
        raise SystemExit("there is neither a second intent nor a slot to mistake; choose another dataset")
    in_intents = 0 if len(intents) < 2 else count if not of_slots else (count + 1) // 2
    return [INTENT] * in_intents + [of_slots[number % len(of_slots)] for number in range(count - in_intents)]


def _spoil(
    item: Utterance, kind: str, intents: Sequence[str], slots: Sequence[str], chance: random.Random
) -> Utterance | None:
    """The utterance with an error of a kind, or None where it cannot have one."""
    if kind == INTENT:
        if item.intent is None:
            return None
        return replace(item, intent=chance.choice([name for name in intents if name != item.intent]))
    if not item.spans:
        return None
    place = chance.randrange(len(item.spans))
    span, rest = item.spans[place], (*item.spans[:place], *item.spans[place + 1 :])
    if kind == DROPPED:
        return replace(item, spans=rest)
    if kind == SLOT:
        slot = chance.choice([name for name in slots if name != span.slot])
        return replace(item, spans=tuple(sorted((*rest, replace(span, slot=slot)))))
    moved = _moved(item, span, rest)
    return replace(item, spans=tuple(sorted((*rest, chance.choice(moved))))) if moved else None


def _moved(item: Utterance, span: Span, rest: Sequence[Span]) -> list[Span]:
    """The spans that a moved edge can make of one: a token more or less on one side, no other span touched."""
    tokens = item.tokens or [match.span() for match in UNIT.finditer(item.text)]
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    before = [start for start in starts if start < span.start]
    places = {(min((s for s in starts if s > span.start), default=span.end), span.end)}
    places |= {(span.start, max((e for e in ends if e < span.end), default=span.start))}
    places |= {(max(before), span.end)} if before else set()
    places |= {(span.start, min(after))} if (after := [end for end in ends if end > span.end]) else set()
    free = [(s, e) for s, e in sorted(places) if s < e and all(e <= other.start or other.end <= s for other in rest)]
    return [Span.of(item.text, span.slot, start, end) for start, end in free]
