"""Fitting a model's calibration on dev: the temperatures and the frame's line that make its confidences most likely."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from jointbert.checkpoint.predict import Predictor
from jointbert.codec import Calibration, Decoder
from jointbert.codec.calibration import log_odds
from jointbert.codec.chain import Chain
from jointbert.codec.decode import least_sure, log_softmax
from jointbert.labels import Labels
from jointbert.utterance import Utterance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Learned = tuple[Floats, Floats, Floats]

_WIDTH = 1.0
"""Deviation of the belief that a log temperature is 0: it decides where dev says nothing (all right, or empty)."""
_WIDEST = math.log(20.0)


class Gold(NamedTuple):
    """A dev batch's logits with what is right.

    Args:
        intent_logits: (L, N) of the L utterances that have an intent, or None.
        intent_ids: (L,), or None.
        tag_logits: (B, W, K), or None.
        lengths: (B,) words of each text.
        paths: B arrays of gold tag ids, or None.
    """

    intent_logits: Floats | None
    intent_ids: Ints | None
    tag_logits: Floats | None
    lengths: Ints
    paths: list[Ints] | None


def calibrate(predictor: Predictor, dev: Sequence[Utterance], learned: Learned | None = None) -> Calibration:
    """The calibration that makes dev most likely; what the model predicts stays as it is.

    Args:
        predictor: The model, uncalibrated.
        dev: Gold utterances; those with a label that the model does not know are left out, and those without an intent
            say nothing of intents and frames where the model gives intents.
        learned: A CRF's (start (K,), moves (K, K), end (K,)) scores, or None for a softmax head.
    """
    labels = predictor.codec.labels
    known = [item for item in dev if _known(item, labels)]
    if not known:
        return Calibration()
    batches = _score(predictor, known)
    intent = [batch for batch in batches if batch.intent_ids is not None]
    slot = [batch for batch in batches if batch.paths is not None]
    found = Calibration(
        intent=_temperature(lambda heat: sum(_intent_loss(batch, heat) for batch in intent)),
        slot=_temperature(lambda heat: _slot_loss(slot, labels, learned, heat)),
    )
    decoder = Decoder(labels, learned, found)
    slope, bias = fit_line(*_frames(predictor, decoder, known))
    return replace(found, frame_slope=slope, frame_bias=bias)


def fit_temperature(logits: Floats, gold: Ints) -> float:
    """The temperature under which gold ids are most likely.

    Args:
        logits: (n, N).
        gold: (n,) ids.
    """
    batch = Gold(logits, gold, None, gold, None)
    return _temperature(lambda heat: _intent_loss(batch, heat))


def fit_line(chances: Floats, right: NDArray[np.bool_], most: Floats | None = None) -> tuple[float, float]:
    """Slope and bias on the log-odds of ``chances`` under which ``right`` is most likely; the slope is positive.

    Args:
        chances: (n,) 0..1.
        right: (n,) whether it was so.
        most: (n,) 0..1, what each may be at most after it was bent; None for no limit. The likelihood is that of the
            capped probabilities, as :meth:`jointbert.codec.calibration.Calibration.frame` gives them.
    """
    odds = np.array([log_odds(float(chance)) for chance in chances])
    caps = np.full(len(odds), np.inf) if most is None else np.array([log_odds(float(each)) for each in most])
    signs = np.where(right, 1.0, -1.0)

    def loss(line: Floats) -> float:
        bent = np.minimum(np.exp(line[0]) * odds + line[1], caps)
        return float(np.logaddexp(0.0, -signs * bent).sum() + (line**2).sum() / (2 * _WIDTH**2))

    slope, bias = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-7}).x
    return float(math.exp(min(max(slope, -_WIDEST), _WIDEST))), float(bias)


def _temperature(loss: Callable[[float], float]) -> float:
    """The temperature of the smallest loss."""

    def penalised(heat: float) -> float:
        return loss(math.exp(heat)) + heat**2 / (2 * _WIDTH**2)

    found = minimize_scalar(penalised, bounds=(-_WIDEST, _WIDEST), method="bounded", options={"xatol": 1e-4})
    return float(math.exp(found.x))


def _known(utterance: Utterance, labels: Labels) -> bool:
    slots = {span.slot for span in utterance.spans}
    intents = labels.intents is None or utterance.intent is None or utterance.intent in labels.intents
    return intents and (labels.slots is None or all(slot in labels.slots for slot in slots))


def _score(predictor: Predictor, known: Sequence[Utterance]) -> list[Gold]:
    """The model's logits on dev, beside what is right."""
    encoded, _ = predictor.codec.encode(known)
    batches = []
    for places, intents, tags, _ in predictor.score_many(encoded):
        items = [encoded[place] for place in places]
        named = [row for row, item in enumerate(items) if item.intent_id is not None]
        batches.append(
            Gold(
                None if intents is None else intents[named].astype(np.float64),
                None if intents is None else np.array([items[row].intent_id for row in named], dtype=np.int64),
                None if tags is None else tags.astype(np.float64),
                np.array([len(item.words.offsets) for item in items], dtype=np.int64),
                None if tags is None else [item.tag_ids for item in items if item.tag_ids is not None],
            )
        )
    return batches


def _intent_loss(batch: Gold, heat: float) -> float:
    """The negative log-likelihood of a batch's gold intents."""
    assert batch.intent_logits is not None and batch.intent_ids is not None
    scores = log_softmax(batch.intent_logits / heat)
    return float(-scores[np.arange(len(scores)), batch.intent_ids].sum())


def _slot_loss(batches: Sequence[Gold], labels: Labels, learned: Learned | None, heat: float) -> float:
    """The negative log-likelihood of the gold tag sequences among all legal ones."""
    if labels.tags is None:
        return 0.0
    chain, loss = Chain.of_tags(labels.tags, learned, heat), 0.0
    for batch in batches:
        assert batch.tag_logits is not None and batch.paths is not None
        beliefs = chain.beliefs(batch.tag_logits / heat, batch.lengths)
        loss -= float(beliefs.log_paths(batch.paths).sum())
    return loss


class Frames(NamedTuple):
    """What a model made of n utterances whose labels are whole.

    Args:
        chances: (n,) 0..1, how sure it is that everything is right, before the line.
        right: (n,) whether it was.
        most: (n,) 0..1, how sure it is of its least sure part.
    """

    chances: Floats
    right: NDArray[np.bool_]
    most: Floats


def _frames(predictor: Predictor, decoder: Decoder, known: Sequence[Utterance]) -> Frames:
    """How sure the model is of each utterance whose labels are whole, and whether it is right."""
    judged = [item for item in known if item.intent is not None or predictor.codec.labels.intents is None]
    texts = [item.text for item in judged]
    chances, right, most = [], [], []
    for item, parse in zip(judged, predictor.decoding_with(decoder).parse_many(texts), strict=True):
        chances.append(1.0 if parse.frame_confidence is None else parse.frame_confidence)
        most.append(least_sure(parse.intent_confidence, parse.spans))
        places = [(span.start, span.end, span.slot) for span in parse.spans]
        gold = [(span.start, span.end, span.slot) for span in item.spans]
        right.append(
            (parse.intent is None or parse.intent == item.intent) and (places == gold or decoder.chain is None)
        )
    return Frames(np.array(chances), np.array(right, dtype=np.bool_), np.array(most))
