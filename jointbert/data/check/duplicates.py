"""Rules about a text that occurs more than once: contradictions, leaks from train into test, repetitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping

from jointbert.data.check.options import Options, Splits, listing, place, quote
from jointbert.data.problem import Problem
from jointbert.data.words import normalise
from jointbert.utterance import Utterance

Seen = list[tuple[str, Utterance]]
"""The utterances of one text, each with its split."""


def duplicates(splits: Splits, options: Options) -> Iterator[Problem]:
    """The findings ``two-intents``, ``two-annotations``, ``leak`` and ``duplicate``.

    Texts are the same when they differ by letter case and white space only. A split that is a part of another, as
    ``dev_hand`` is of ``dev``, shares its texts on purpose.
    """
    wholes = {split: whole_of(split, splits) for split in splits}
    first: dict[str, tuple[str, Utterance]] = {}
    repeated: dict[str, Seen] = {}
    for split, utterances in splits.items():
        for utterance in utterances:
            key = normalise(utterance.text)
            if not key:
                continue
            if key in first:
                repeated.setdefault(key, [first[key]]).append((split, utterance))
            else:
                first[key] = (split, utterance)
    for seen in repeated.values():
        yield from _contradictions(seen)
        yield from _repetitions(seen, wholes)


def whole_of(split: str, splits: Splits) -> str:
    """The split that this one is a part of: its name begins with that one's, and all its texts are there; or itself."""
    for other in splits:
        if split.startswith((f"{other}_", f"{other}-", f"{other}.")) and _texts(splits[split]) <= _texts(splits[other]):
            return other
    return split


def _texts(utterances: Iterable[Utterance]) -> set[str]:
    return {normalise(utterance.text) for utterance in utterances}


def _annotation(utterance: Utterance) -> Hashable:
    """The spans in a form in which white space and case do not matter: how far in, in characters that are seen."""
    return tuple(
        (span.slot, len("".join(utterance.text[: span.start].split())), normalise(span.value))
        for span in utterance.spans
    )


def _contradictions(seen: Seen) -> Iterator[Problem]:
    by_intent: dict[str, Seen] = defaultdict(list)
    for split, utterance in seen:
        if utterance.intent is not None:
            by_intent[utterance.intent].append((split, utterance))
    if len(by_intent) > 1:
        yield _two_intents(seen[0][1].text, by_intent)
    for group in by_intent.values() if by_intent else [seen]:
        by_annotation: dict[Hashable, Utterance] = {}
        for _, utterance in group:
            by_annotation.setdefault(_annotation(utterance), utterance)
        if len(by_annotation) > 1:
            yield _two_annotations(list(by_annotation.values()))


def _two_intents(text: str, by_intent: dict[str, Seen]) -> Problem:
    told = ", ".join(f"{intent!r} ({_places(seen)})" for intent, seen in by_intent.items())
    rarest = min(by_intent.values(), key=len)
    return Problem(
        place(rarest[-1][1]),
        "two-intents",
        "warning",
        f"{quote(text)} has {len(by_intent)} intents: {told}",
        "Choose one.",
    )


def _two_annotations(versions: list[Utterance]) -> Problem:
    told = "; ".join(
        f"{', '.join(f'{span.slot}={span.value!r}' for span in version.spans) or 'no slots'} ({place(version)})"
        for version in versions[:3]
    )
    return Problem(
        place(versions[1]),
        "two-annotations",
        "warning",
        f"{quote(versions[0].text)} is annotated in {len(versions)} ways: {told}",
        "Choose one.",
    )


def _repetitions(seen: Seen, wholes: Mapping[str, str]) -> Iterator[Problem]:
    text = seen[0][1].text
    counts = Counter(split for split, _ in seen)
    if len({wholes[split] for split in counts}) > 1:
        told = ", ".join(f"{split} {count}" for split, count in counts.items())
        yield Problem(
            place(seen[-1][1]),
            "leak",
            "warning",
            f"{quote(text)} is in more than one split ({told}): {_places(seen)}",
            "Keep it in one, or the score counts what was learned by heart.",
        )
    for split, count in counts.items():
        if count > 1:
            same = [item for item in seen if item[0] == split]
            yield Problem(
                place(same[1][1]),
                "duplicate",
                "info",
                f"{quote(text)} occurs {count} times in {split}: {_places(same)}",
                "Keep one, unless the repetition is meant as a weight.",
            )


def _places(seen: Seen) -> str:
    return listing([place(utterance) for _, utterance in seen])
