"""The rule about a value that is labelled in one place and left bare in another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from jointbert.data.check.options import Options, Splits, listing, place, times
from jointbert.data.problem import Problem
from jointbert.data.words import is_unspaced, words
from jointbert.utterance import Utterance

SUSPICIOUS = 0.6  # share of labelled occurrences from which bare ones are worth a look; above 1/2, so never after one
ODD = 0.85  # share from which they are most likely forgotten

Words = tuple[str, ...]


@dataclass(slots=True)
class _Node:
    """A place in the trie of values, word by word."""

    next: dict[str, _Node] = field(default_factory=dict)
    value: Words | None = None


@dataclass(slots=True)
class _Tally:
    """How a value is used."""

    slots: Counter[str] = field(default_factory=Counter)
    bare: list[str] = field(default_factory=list)

    @property
    def labelled(self) -> int:
        return self.slots.total()

    @property
    def share(self) -> float:
        return self.labelled / (self.labelled + len(self.bare))


def values(splits: Splits, options: Options) -> Iterator[Problem]:
    """The finding ``unlabelled-value``: one for each value, with counts and up to three places.

    An occurrence is bare when no span touches it, no longer known value covers it, and its intent uses the value's
    slot elsewhere. Values that are very short or numbers are skipped. One pass over the words.
    """
    tallies, slots_of = _labelled(splits)
    root = _trie(tallies)
    for utterances in splits.values():
        for utterance in utterances:
            for value in _bare(utterance, root):
                tally = tallies[value]
                if not slots_of[utterance.intent].isdisjoint(tally.slots):
                    tally.bare.append(place(utterance))
    found = [(value, tally) for value, tally in tallies.items() if _is_suspicious(value, tally)]
    for value, tally in sorted(found, key=lambda item: (-item[1].share, -item[1].labelled)):
        yield _problem(value, tally)


def _labelled(splits: Splits) -> tuple[dict[Words, _Tally], dict[str | None, set[str]]]:
    """Value -> how it is labelled, and intent -> the slots it uses."""
    tallies: dict[Words, _Tally] = defaultdict(_Tally)
    slots_of: dict[str | None, set[str]] = defaultdict(set)
    for utterances in splits.values():
        for utterance in utterances:
            for span in utterance.spans:
                folded = span.value.casefold()
                value = tuple(folded[start:end] for start, end in words(folded))
                if value:
                    tallies[value].slots[span.slot] += 1
                slots_of[utterance.intent].add(span.slot)
    return tallies, slots_of


def _trie(tallies: dict[Words, _Tally]) -> _Node:
    root = _Node()
    for value in tallies:
        node = root
        for word in value:
            node = node.next.setdefault(word, _Node())
        node.value = value
    return root


def _bare(utterance: Utterance, root: _Node) -> Iterator[Words]:
    """The values that stand in the text outside of every span, the longest at each place."""
    text = utterance.text
    found = words(text)
    spelled = [text[start:end].casefold() for start, end in found]
    covered = _covered(utterance, found)
    index = 0
    while index < len(found):
        node, longest, position = root, 0, index
        value: Words | None = None
        while position < len(found) and not covered[position] and (step := node.next.get(spelled[position])):
            node, position = step, position + 1
            if node.value is not None:
                value, longest = node.value, position
        if value is not None:
            yield value
        index = max(longest, index + 1)


def _covered(utterance: Utterance, found: list[tuple[int, int]]) -> list[bool]:
    """Which words a span touches."""
    covered = [False] * len(found)
    index = 0
    for span in utterance.spans:
        while index < len(found) and found[index][1] <= span.start:
            index += 1
        while index < len(found) and found[index][0] < span.end:
            covered[index] = True
            index += 1
    return covered


def _is_suspicious(value: Words, tally: _Tally) -> bool:
    spelled = "".join(value)
    long_enough = len(spelled) >= (2 if is_unspaced(spelled) else 3) and not spelled.isnumeric()
    return bool(tally.bare) and long_enough and tally.share >= SUSPICIOUS


def _problem(value: Words, tally: _Tally) -> Problem:
    spelled = "".join(value) if is_unspaced("".join(value)) else " ".join(value)
    slot, count = tally.slots.most_common(1)[0]
    other = [name for name, _ in tally.slots.most_common()[1:]]
    others = f" (and {times(tally.labelled - count)} {listing(other)})" if other else ""
    return Problem(
        tally.bare[0],
        "unlabelled-value",
        "warning" if tally.share >= ODD else "info",
        f"{spelled!r} is labelled {slot!r} {times(count)}{others} and left bare {times(len(tally.bare))}: "
        f"{listing(tally.bare)}",
        "Label it there too, if it means the same.",
    )
