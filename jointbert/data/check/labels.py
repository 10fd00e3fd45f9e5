"""Rules about names: too rare to learn, never seen in training, or the same but for case and blanks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from jointbert.data.check.options import Options, Splits, listing, place, times
from jointbert.data.check.places import role
from jointbert.data.problem import Problem
from jointbert.data.words import normalise
from jointbert.utterance import Utterance

Places = dict[str, list[str]]
"""Name -> the places where it is used."""


def labels(splits: Splits, options: Options) -> Iterator[Problem]:
    """The findings ``few-utterances``, ``unseen-intent``, ``unseen-slot``, ``intent-case`` and ``slot-case``."""
    everything = [utterance for utterances in splits.values() for utterance in utterances]
    train = [u for name, utterances in splits.items() if role(name) == "train" for u in utterances]
    held_out = [u for name, utterances in splits.items() if role(name) in ("dev", "test") for u in utterances]
    intents, slots = _collect(train)
    if train and held_out:
        tested_intents, tested_slots = _collect(held_out)
        yield from _unseen("intent", tested_intents, intents)
        yield from _unseen("slot", tested_slots, slots)
    all_intents, all_slots = _collect(everything)
    yield from _few(intents if train else {} if held_out else all_intents, options.min_count)
    yield from _case("intent", all_intents)
    yield from _case("slot", all_slots)


def _collect(utterances: Iterable[Utterance]) -> tuple[Places, Places]:
    intents: Places = defaultdict(list)
    slots: Places = defaultdict(list)
    for utterance in utterances:
        if utterance.intent is not None:
            intents[utterance.intent].append(place(utterance))
        for span in utterance.spans:
            slots[span.slot].append(place(utterance))
    return intents, slots


def _unseen(kind: str, tested: Places, trained: Places) -> Iterator[Problem]:
    for name, places in tested.items():
        if name not in trained:
            yield Problem(
                places[0],
                f"unseen-{kind}",
                "warning",
                f"{kind} {name!r} occurs {times(len(places))} outside train ({listing(places)}) and never in it",
                "Add training utterances, or expect every one of these to be wrong.",
            )


def _few(intents: Places, least: int) -> Iterator[Problem]:
    for name, places in intents.items():
        if len(places) < least:
            noun = "utterance" if len(places) == 1 else "utterances"
            yield Problem(
                places[0],
                "few-utterances",
                "warning",
                f"intent {name!r} has {len(places)} {noun}; expected at least {least}",
                "Write more, or merge it with another intent.",
            )


def _case(kind: str, used: Places) -> Iterator[Problem]:
    spellings: dict[str, list[str]] = defaultdict(list)
    for name in used:
        spellings[normalise(name)].append(name)
    for names in spellings.values():
        if len(names) > 1:
            names.sort(key=lambda name: -len(used[name]))
            rarest = names[-1]
            yield Problem(
                used[rarest][0],
                f"{kind}-case",
                "warning",
                f"the {kind}s {' and '.join(f'{n!r} ({times(len(used[n]))})' for n in names)} differ only by case or "
                "blanks",
                f"Call them all {' '.join(names[0].split())!r}.",
            )
