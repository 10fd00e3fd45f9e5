"""Fitting a model's scope: scorers on its states of train, the best one and its threshold on dev alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jointbert.checkpoint.predict import Predictor
from jointbert.codec.scope import SCORERS, Scope, outside_id, set_aside
from jointbert.codec.scope_scorer import Evidence, Floats, ScopeScorer
from jointbert.config import ScopeConfig
from jointbert.errors import DataError
from jointbert.evaluation.scope import ScopeScores, judge_scope, keeping, most_right, part
from jointbert.labels import Labels
from jointbert.training.corpus import Corpus
from jointbert.utterance import Utterance

USUAL = "mahalanobis"
"""The scorer that is taken where dev has nothing out of scope to choose by."""

BY_DEV = (
    "the threshold that deals with most utterances rightly on dev (kept with the right intent, or refused), "
    "if {share:g} % of all are out of scope"
)
BY_KEEP = "the highest threshold that keeps {share:g} % of the dev utterances, which are all in scope"


class Seen(NamedTuple):
    """What a model makes of n utterances.

    Args:
        logits: (n, N) raw intent logits; None for a model without an intent head.
        states: (n, H) [CLS] states.
    """

    logits: Floats | None
    states: Floats


class Split(NamedTuple):
    """Labelled utterances as a model sees them.

    Args:
        inside: What is in scope.
        right: (n,) whether each of it is given the right intent; True where there is none to be right in.
        outside: What is not.
    """

    inside: Seen
    right: NDArray[np.bool_]
    outside: Seen


def fit_scope(predictor: Predictor, corpus: Corpus, config: ScopeConfig) -> Scope:
    """The scope that dev asks for; how every scorer did is in its ``chosen``.

    Args:
        predictor: The model, giving [CLS] states.
        corpus: What it was trained on and chosen by.
        config: Which scorer, ``auto`` for the best one; what share is out of scope, and what share to keep.

    Raises:
        DataError: The scorer cannot be used with this model or this data.
    """
    labels, marker = predictor.codec.labels, corpus.outside.intent
    evidence = see_train(predictor, part(corpus.train, marker)[0], corpus.outside.train)
    dev = see_split(predictor, part(corpus.dev, marker)[0], corpus.outside.dev)
    return choose_scope(evidence, dev, labels, config, marker)


def choose_scope(
    evidence: Evidence, dev: Split, labels: Labels, config: ScopeConfig, marker: str | None = None
) -> Scope:
    """The scope that dev asks for.

    Args:
        evidence: What scorers are fitted on.
        dev: What they are chosen on.
        labels: What the model can say.
        config: Which scorer, ``auto`` for the best one; what share is out of scope, and what share to keep.
        marker: The intent that marks utterances out of scope, or None.

    Raises:
        DataError: The scorer cannot be used with this model or this data.
    """
    found = fit_each(evidence, dev, labels, config, marker)
    weighed = len(dev.outside.states) > 0
    by_dev, by_keep = BY_DEV.format(share=100 * config.outside_share), BY_KEEP.format(share=100 * config.keep)
    chosen = {
        "rule": by_dev if weighed else by_keep,
        "outside_share": config.outside_share if weighed else None,
        "train": len(evidence.states),
        "train_out_of_scope": len(evidence.outside),
        "dev": len(dev.right),
        "dev_out_of_scope": len(dev.outside.states),
        "scores": [scores.to_dict() for _, scores in found],
    }
    return replace(best_of(found), chosen=chosen)


def fit_each(
    evidence: Evidence, dev: Split, labels: Labels, config: ScopeConfig, marker: str | None = None
) -> list[tuple[Scope, ScopeScores]]:
    """Each scorer that is wanted and can be fitted, at its own threshold, and how it does on dev.

    Args:
        evidence: What scorers are fitted on.
        dev: What their thresholds are chosen on.
        labels: What the model can say.
        config: Which scorer, ``auto`` for all; what share is out of scope, and what share to keep.
        marker: The intent that marks utterances out of scope, or None.

    Raises:
        DataError: The scorer cannot be used with this model or this data.
    """
    aside, found = outside_id(labels, marker), []
    for name in usable_scorers(config.scorer, labels, outside=len(evidence.outside) > 0):
        scorer = SCORERS[name].fit(evidence)
        scope = Scope(scorer, _threshold(scorer, dev, aside, config), marker, aside)
        found.append((scope, measure(scope, dev)))
    return found


def best_of(found: Sequence[tuple[Scope, ScopeScores]]) -> Scope:
    """The one with the best AUROC, which does not depend on dev's mix; :data:`USUAL` where there is none.

    Args:
        found: Scopes and how they do on dev, at least one.
    """
    if any(scores.auroc is not None for _, scores in found):
        return max(found, key=lambda item: item[1].auroc or 0.0)[0]
    return next((scope for scope, _ in found if scope.scorer.name == USUAL), found[0][0])


def see(predictor: Predictor, utterances: Sequence[Utterance]) -> Seen:
    """What a model makes of utterances, in their order.

    Args:
        predictor: The model, giving [CLS] states.
        utterances: Any number.
    """
    encoded = predictor.codec.encode_texts([item.text for item in utterances])
    order: list[int] = []
    logits, states = [], []
    for places, intents, _, cls in predictor.score_many(encoded):
        assert cls is not None, "the predictor was made without states"
        order += places
        states.append(cls)
        if intents is not None:
            logits.append(intents)
    if not order:
        return Seen(None, np.zeros((0, 0), dtype=np.float32))
    back = np.argsort(order)
    return Seen(np.concatenate(logits)[back] if logits else None, np.concatenate(states)[back])


def see_train(predictor: Predictor, inside: Sequence[Utterance], outside: Sequence[Utterance]) -> Evidence:
    """The states of the training utterances whose intent the model knows, and of those out of scope.

    Args:
        predictor: The model, giving [CLS] states.
        inside: Training utterances in scope.
        outside: Those out of it.

    Raises:
        DataError: The model knows none of the intents.
    """
    intents = predictor.codec.labels.intents
    known = [item for item in inside if intents is None or item.intent in intents]
    if not known:
        raise DataError("scope", "no training utterance has an intent of the model", "some", "Give its own: --train.")
    ids = [0 if intents is None or item.intent is None else intents.id(item.intent) for item in known]
    return Evidence(see(predictor, known).states, np.array(ids, dtype=np.int64), see(predictor, outside).states)


def usable_scorers(wanted: str, labels: Labels, *, outside: bool) -> list[str]:
    """The scorers that can be fitted, of those wanted; it needs no trained model, so it can be asked before training.

    Args:
        wanted: A scorer's name, or ``auto`` for all.
        labels: What the model can say, or will.
        outside: Whether any training utterance is out of scope.

    Raises:
        DataError: The one that is wanted cannot be used with this model or this data.
    """
    lacks = {}
    for name, kind in SCORERS.items():
        if kind.needs_intents and labels.intents is None:
            lacks[name] = "the model gives no intents"
        elif kind.needs_outside and not outside:
            lacks[name] = "no training utterance is out of scope"
    if wanted in lacks:
        others = ", ".join(name for name in SCORERS if name not in lacks)
        raise DataError("scope", f"{wanted} cannot be used: {lacks[wanted]}", f"one of {others}", "Or choose auto.")
    return [name for name in SCORERS if name not in lacks and wanted in ("auto", name)]


def see_split(predictor: Predictor, inside: Sequence[Utterance], outside: Sequence[Utterance]) -> Split:
    """What a model makes of utterances in scope and out of it.

    Args:
        predictor: The model, giving [CLS] states.
        inside: Utterances in scope.
        outside: Those out of it.
    """
    seen, intents = see(predictor, inside), predictor.codec.labels.intents
    right = np.ones(len(inside), dtype=np.bool_)
    if seen.logits is not None and intents is not None:
        said = [intents[index] for index in seen.logits.argmax(-1).tolist()]
        right = np.array([item.intent in (None, name) for item, name in zip(inside, said, strict=True)], dtype=np.bool_)
    return Split(seen, right, see(predictor, outside))


def _threshold(scorer: ScopeScorer, dev: Split, aside: int | None, config: ScopeConfig) -> float:
    """By what is out of scope where dev has any, by a share of dev otherwise."""
    inside = scorer.score(*dev.inside, aside)
    if not len(dev.outside.states):
        return keeping(inside, config.keep)
    right = dev.right & ~set_aside(dev.inside.logits, aside, len(inside))
    outside = scorer.score(*dev.outside, aside)
    refused = set_aside(dev.outside.logits, aside, len(outside))  # by their intent, at any threshold
    return most_right(inside, right, np.where(refused, -np.inf, outside), config.outside_share)


def measure(scope: Scope, split: Split) -> ScopeScores:
    """How well a scope tells the two parts of a split."""
    scores, told = [], []
    for seen in (split.inside, split.outside):
        judged = scope.judge(*seen) if len(seen.states) else []
        told.append(np.array([ok for ok, _ in judged], dtype=np.bool_))
        scores.append(np.array([score for _, score in judged], dtype=np.float64))
    return judge_scope(scope.scorer.name, scope.threshold, scores[0], split.right, scores[1], (told[0], told[1]))
