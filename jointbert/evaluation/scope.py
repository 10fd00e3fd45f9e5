"""How well scope scores part utterances in scope from others, and what becomes of both at a threshold.

In-scope accuracy
    The share of utterances in scope that are kept *and* given the right intent.
Out-of-scope recall and precision
    The share of utterances out of scope that are told so; the share of those told so that are.
AUROC
    The chance that an utterance in scope scores higher than one out of scope; ties count half.
FPR at 95 % recall
    The share of utterances out of scope that are kept at the threshold that keeps 95 % of those in scope.
AUPR
    Average precision of finding what is out of scope.

Source:
    Larson et al. 2019, "An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction", arXiv:1909.02027
    (in-scope accuracy, out-of-scope recall). Hendrycks and Gimpel 2017, arXiv:1610.02136 (AUROC, AUPR). Liu et al.
    2020, arXiv:2010.03759 (FPR95, with what is in scope as the positive side).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointbert.utterance import Parse, Utterance

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]
RECALL = 0.95
ROUNDING = 1e-12
"""Weighed rates that differ by no more are equal but for the rounding of floats."""


@dataclass(frozen=True, slots=True)
class ScopeScores:
    """How well one scorer tells what is in scope. Every rate is from 0 to 1.

    Args:
        scorer: Its name.
        inside: How many utterances in scope were scored.
        outside: How many out of scope.
        threshold: The score from which on an utterance counts as in scope.
        kept: Share of utterances in scope that are told so; None without any.
        accuracy: Share of those with the right intent *and* told to be in scope; None likewise.
        recall: Share of utterances out of scope that are told so; None without any.
        precision: Share of what is told to be out of scope that is; None where nothing is told so.
        auroc: See the head of this module; None unless there are both kinds.
        fpr95: Likewise.
        aupr: Likewise.
    """

    scorer: str
    inside: int
    outside: int
    threshold: float
    kept: float | None
    accuracy: float | None
    recall: float | None
    precision: float | None
    auroc: float | None
    fpr95: float | None
    aupr: float | None

    def to_dict(self) -> dict[str, Any]:
        """The scores as JSON-ready values, by name."""
        return asdict(self)


def part(utterances: Sequence[Utterance], *markers: str | None) -> tuple[list[Utterance], list[Utterance]]:
    """The utterances in scope, and those that one of the intents marks as out of scope; None marks nothing.

    Example:
        >>> inside, outside = part([Utterance("hi", "greet"), Utterance("2 + 2?", "oos")], "oos")
        >>> [each.text for each in outside]
        ['2 + 2?']
    """
    names = {name for name in markers if name is not None}
    inside = [item for item in utterances if item.intent not in names]
    return inside, [item for item in utterances if item.intent in names]


def outside_names(own: str | None, other: str | None, intents: Container[str]) -> frozenset[str]:
    """The intents that mark utterances as out of a model's scope when it is compared with another model.

    Its own marker always does. The other model's does too, unless this model gives it as an intent like any other.

    Args:
        own: The model's marker, or None where it has none.
        other: The other model's.
        intents: Those that the model gives.

    Example:
        >>> sorted(outside_names("oos", "else", ["greet"])), sorted(outside_names("oos", "else", ["greet", "else"]))
        (['else', 'oos'], ['oos'])
    """
    theirs = None if other is None or other in intents else other
    return frozenset(name for name in (own, theirs) if name is not None)


def unmarked(utterances: Iterable[Utterance], intent: str | None, known: Iterable[str] = ()) -> str | None:
    """What to warn of where the intent that is to mark what is out of scope is mistyped; None where it is not.

    Args:
        utterances: All among which it could be.
        intent: That intent, or None where nothing is to be marked.
        known: Names that are right although no utterance may have them, such as a model's own.

    Example:
        >>> unmarked([Utterance("hi", "greet")], "greeet")
        "no utterance has the intent 'greeet' that is to mark what is out of scope. Did you mean 'greet'?"
        >>> unmarked([Utterance("hi", "greet")], "oos", known=["oos"])
    """
    names = dict.fromkeys(item.intent for item in utterances if item.intent is not None) | dict.fromkeys(known)
    if intent is None or intent in names:
        return None
    near = difflib.get_close_matches(intent, names, n=1)
    listing = ", ".join(list(names)[:10]) + (", ..." if len(names) > 10 else "")
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {listing or 'no intent at all'}."
    return f"no utterance has the intent {intent!r} that is to mark what is out of scope. {hint}"


def judge_scope(
    scorer: str,
    threshold: float,
    inside: Floats,
    right: Bools,
    outside: Floats,
    told: tuple[Bools, Bools] | None = None,
) -> ScopeScores:
    """The scores of a scorer.

    Args:
        scorer: Its name.
        threshold: The score from which on an utterance counts as in scope.
        inside: (n,) scores of utterances in scope.
        right: (n,) whether each was given the right intent.
        outside: (m,) scores of utterances out of scope.
        told: Which of the n and of the m were told to be in scope, where that is not a matter of the threshold alone.
    """
    kept, missed = told if told is not None else (inside >= threshold, outside >= threshold)
    refused = int((~kept).sum() + (~missed).sum())
    both = bool(len(inside) and len(outside))
    return ScopeScores(
        scorer,
        len(inside),
        len(outside),
        float(threshold),
        float(kept.mean()) if len(inside) else None,
        float((kept & right).mean()) if len(inside) else None,
        float((~missed).mean()) if len(outside) else None,
        float((~missed).sum() / refused) if refused else None,
        auroc(inside, outside) if both else None,
        fpr_at(inside, outside) if both else None,
        aupr(inside, outside) if both else None,
    )


def scope_of_parses(
    scorer: str, threshold: float, inside: Sequence[tuple[Utterance, Parse]], outside: Sequence[Parse]
) -> ScopeScores:
    """The scores of what a model said of scope.

    Args:
        scorer: Its scorer's name.
        threshold: Its threshold.
        inside: Gold utterances in scope with their parses, which say what they hold to be in scope.
        outside: Parses of utterances out of scope.
    """
    right = [gold.intent is None or gold.intent == parse.intent for gold, parse in inside]
    parses = [parse for _, parse in inside]
    scores = [np.array([parse.scope_score for parse in some], dtype=np.float64) for some in (parses, outside)]
    told = [np.array([bool(parse.in_scope) for parse in some], dtype=np.bool_) for some in (parses, outside)]
    return judge_scope(scorer, threshold, scores[0], np.array(right, dtype=np.bool_), scores[1], (told[0], told[1]))


def auroc(inside: Floats, outside: Floats) -> float:
    """The chance (0..1) that one of the (n,) ``inside`` is higher than one of the (m,) ``outside``; ties count half.

    Example:
        >>> auroc(np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0]))
        0.75
    """
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, side="left")
    equal = np.searchsorted(ordered, inside, side="right") - below
    return float((below + 0.5 * equal).sum() / (len(inside) * len(outside)))


def keeping(inside: Floats, share: float) -> float:
    """The highest threshold that keeps at least so great a share (0..1) of the (n,) scores, n at least 1.

    Example:
        >>> keeping(np.array([4.0, 1.0, 3.0, 2.0]), 0.75)
        2.0
    """
    count = min(max(math.ceil(share * len(inside) - 1e-9), 1), len(inside))
    return float(np.sort(inside)[len(inside) - count])


def fpr_at(inside: Floats, outside: Floats, recall: float = RECALL) -> float:
    """The share (0..1) of ``outside`` that is kept at the threshold that keeps such a share of ``inside``."""
    return float((outside >= keeping(inside, recall)).mean())


def aupr(inside: Floats, outside: Floats) -> float:
    """Average precision (0..1) of finding ``outside`` by its low scores."""
    from sklearn.metrics import average_precision_score

    truth = np.concatenate([np.zeros(len(inside)), np.ones(len(outside))])
    return float(average_precision_score(truth, -np.concatenate([inside, outside])))


def most_right(inside: Floats, right: Bools, outside: Floats, share: float) -> float:
    """The threshold at which most utterances are dealt with rightly: kept with the right intent, or refused.

    How many there are of each kind does not matter: ``share`` says what part of all utterances is out of scope, so
    (1 - share) · in-scope accuracy + share · out-of-scope recall is greatest. Of equally good thresholds it is that in
    the middle. With m / (n + m) for the share it is the rule of Larson et al. 2019 for their ``oos-threshold``.

    Args:
        inside: (n,) scores of utterances in scope, n at least 1.
        right: (n,) whether each was given the right intent.
        outside: (m,) scores of utterances out of scope, m at least 1; -inf for one that is refused at any threshold.
        share: What part (0..1) of the utterances to come is out of scope.

    Example:
        >>> inside, outside = np.array([1.0, 3.0, 4.0]), np.array([0.0, 2.0])
        >>> [most_right(inside, inside > 0, outside, share) for share in (0.1, 0.5)]
        [0.5, 2.5]
    """
    both = np.concatenate([inside, outside])
    values = np.unique(both[np.isfinite(both)])
    edges = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2.0, np.nextafter(values[-1:], np.inf)])
    hits = np.sort(inside[right])
    accuracy = (len(hits) - np.searchsorted(hits, edges, side="left")) / len(inside)
    recall = np.searchsorted(np.sort(outside), edges, side="left") / len(outside)
    good = (1.0 - share) * accuracy + share * recall
    best = np.flatnonzero(good >= good.max() - ROUNDING)
    return float(edges[best[len(best) // 2]])
