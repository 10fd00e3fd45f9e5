"""Two models on the same gold utterances, each judged by what is out of its own scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jointbert.evaluation.comparison import Comparison, compare
from jointbert.evaluation.difference import label_changes
from jointbert.evaluation.golden import Golden, Outside, judge_golden
from jointbert.evaluation.scope import ScopeScores, outside_names, scope_of_parses
from jointbert.evaluation.scope_view import scope_line
from jointbert.inference.nlu import NLU
from jointbert.inference.parted import gives, in_scope
from jointbert.utterance import Parse, Utterance

Models = tuple[NLU, NLU]
"""A, the model in use, and B, the one that is to replace it."""
Told = tuple[ScopeScores | None, ScopeScores | None]


def compare_models(
    models: Models, gold: Sequence[Utterance], *, alpha: float = 0.05, where: str = "data"
) -> Comparison:
    """What tells B from A, with notes on the models.

    Utterances out of scope of a model that has no intent for them are left out, for none of its intents could be right.

    Args:
        models: A and B.
        gold: Labelled utterances.
        alpha: Up to which corrected p-value a difference counts, 0..1.
        where: Where the utterances are from, for messages.

    Raises:
        DataError: All utterances are out of scope, or as in :func:`jointbert.evaluation.comparison.compare`.
    """
    outside = markers_of(models)
    hint = "Give them as golden utterances: --golden PATH."
    judged, left = in_scope(gold, _not_given(models, outside), where, hint)
    ordered = [*judged, *left]
    sides = _parses(models, ordered)
    found = compare(judged, *(side[: len(judged)] for side in sides), alpha=alpha)
    told = _tell(models[0], ordered, sides[0], outside[0]), _tell(models[1], ordered, sides[1], outside[1])
    return replace(found, notes=(*found.notes, *_notes(models, len(left), told)), scope=told)


def try_golden(models: Models, golden: Sequence[Utterance]) -> Golden:
    """The golden utterances that B gets wrong; see :func:`jointbert.evaluation.golden.judge_golden`.

    Raises:
        DataError: As there.
    """
    return judge_golden(golden, *_parses(models, golden), markers_of(models))


def markers_of(models: Models) -> Outside:
    """The intents that mark utterances as out of A's scope, and those out of B's."""
    ours, theirs = _markers(models)
    a, b = (nlu.labels.intents or () for nlu in models)
    return outside_names(ours, theirs, a), outside_names(theirs, ours, b)


def _markers(models: Models) -> tuple[str | None, str | None]:
    ours, theirs = (None if nlu.scope is None else nlu.scope.intent for nlu in models)
    return ours, theirs


def _not_given(models: Models, outside: Outside) -> set[str]:
    """The markers that mark for a model that does not give them as intents."""
    return {name for nlu, names in zip(models, outside, strict=True) for name in names if not gives(nlu, name)}


def _parses(models: Models, gold: Sequence[Utterance]) -> tuple[list[Parse], list[Parse]]:
    texts = [utterance.text for utterance in gold]
    return models[0].parse_many(texts), models[1].parse_many(texts)


def _tell(nlu: NLU, gold: Sequence[Utterance], parses: Sequence[Parse], outside: frozenset[str]) -> ScopeScores | None:
    """How well a model tells what is in its scope; None where it does not."""
    if nlu.scope is None:
        return None
    pairs = list(zip(gold, parses, strict=True))
    inside = [pair for pair in pairs if pair[0].intent not in outside]
    others = [parse for utterance, parse in pairs if utterance.intent in outside]
    return scope_of_parses(nlu.scope.scorer.name, nlu.scope.threshold, inside, others)


def _notes(models: Models, left: int, told: Told) -> Iterator[str]:
    a, b = models
    yield from label_changes(a.labels, b.labels)
    if left:
        yield f"Utterances marked as out of scope, left out: {left}."
    if any(told):
        yield f"Scope: {scope_line(dict(zip('AB', told, strict=True)))}"
    ours, theirs = _markers(models)
    if ours is not None and theirs is not None and ours != theirs:
        yield (
            f"A and B mark what is out of scope differently, by {ours} and by {theirs}: "
            "each counts for both, unless the other model has it as an intent."
        )
    if a.engine != b.engine:
        yield f"A was computed by {a.engine}, B by {b.engine}."
    if a.version and a.version == b.version:
        yield "A and B are the same model."
