"""Gold utterances as a model is judged on them: in its scope or out of it, and how well it tells the two apart."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jointbert.errors import DataError
from jointbert.evaluation.scope import ScopeScores, part, scope_of_parses, unmarked
from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse, Utterance

log = logging.getLogger("jointbert.evaluation")


@dataclass(frozen=True, slots=True)
class Parted:
    """Gold utterances by what they are good for.

    Args:
        judged: Those that intents, slots and whole utterances are scored on.
        outside: Those out of scope; the marked ones are judged too, where the model gives their intent as its own.
        marker: The intent that marks what is out of scope, or None where none does.
        left_out: How many of those out of scope are not judged.
    """

    judged: list[Utterance]
    outside: list[Utterance]
    marker: str | None = None
    left_out: int = 0


def part_gold(
    nlu: NLU,
    gold: Sequence[Utterance],
    more: Sequence[Utterance] = (),
    *,
    intent: str | None = None,
    where: str = "data",
) -> Parted:
    """The utterances that a model can be judged on, and those out of its scope.

    Warns of an intent that neither the data nor the model knows.

    Args:
        nlu: The model.
        gold: Labelled utterances.
        more: Further ones, all out of scope.
        intent: The intent that marks what is out of scope; None takes the model's own.
        where: Where ``gold`` is from, for messages.

    Raises:
        DataError: Some utterances are marked, and none is in scope.
    """
    own = None if nlu.scope is None else nlu.scope.intent
    warning = unmarked([*gold, *more], intent, [*(nlu.labels.intents or ()), *filter(None, [own])])
    if warning is not None:
        log.warning("%s: %s", where, warning)
    marker = intent or own
    hint = "Give it beside what is in scope: --out-of-scope-data PATH."
    inside, marked = in_scope(gold, [marker], where, hint)
    if gives(nlu, marker):
        return Parted(list(gold), [*marked, *more], marker, len(more))
    return Parted(inside, [*marked, *more], marker, len(marked) + len(more))


def in_scope(
    utterances: Sequence[Utterance], markers: Iterable[str | None], where: str, hint: str
) -> tuple[list[Utterance], list[Utterance]]:
    """The utterances in scope, and those that a marker marks as out of it.

    Args:
        utterances: Where they are looked for.
        markers: The intents that mark; None marks nothing.
        where: Where the utterances are from.
        hint: What to do where all are marked.

    Raises:
        DataError: Some are marked, and none is in scope.
    """
    inside, marked = part(utterances, *markers)
    if marked and not inside:
        raise DataError(where, "holds only utterances out of scope", "some in scope", hint)
    return inside, marked


def gives(nlu: NLU, intent: str | None) -> bool:
    """Whether a model gives an intent as one of its own."""
    return nlu.labels.intents is not None and intent in nlu.labels.intents


def tell_scope(nlu: NLU, parted: Parted, parses: Sequence[Parse]) -> ScopeScores | None:
    """How well the model tells what is out of scope; None where it does not, or where nothing is.

    Args:
        nlu: The model.
        parted: What :func:`part_gold` gave.
        parses: What the model made of ``parted.judged``, in the same order.
    """
    if nlu.scope is None or not parted.outside:
        return None
    pairs = zip(parted.judged, parses, strict=True)
    inside = [pair for pair in pairs if parted.marker is None or pair[0].intent != parted.marker]
    outside = nlu.parse_many([utterance.text for utterance in parted.outside])
    return scope_of_parses(nlu.scope.scorer.name, nlu.scope.threshold, inside, outside)


def scope_notes(parted: Parted, told: ScopeScores | None) -> tuple[str, ...]:
    """What a reader of the scores has to know: how many utterances were left out, and that the model cannot tell them.

    Example:
        >>> scope_notes(Parted([Utterance("hi")], [Utterance("2 + 2?", "oos")], "oos", 1), None)[0]
        'Utterances out of scope, left out of intent, slot and sentence scores: 1.'
    """
    notes = []
    if parted.left_out:
        notes.append(f"Utterances out of scope, left out of intent, slot and sentence scores: {parted.left_out}.")
    if parted.outside and told is None:
        notes.append("The model does not tell what is out of scope; teach it with: jointbert scope")
    return tuple(notes)
