"""The proof: what an engine does otherwise than PyTorch is counted, at real words only, and becomes points."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tiny import ENGLISH, LABELS, codec, folder, model

from jointbert.checkpoint.folder import load_folder, make_predictor
from jointbert.checkpoint.predict import Arrays
from jointbert.codec.scope import Scope
from jointbert.codec.scope_logits import MaxProbability
from jointbert.export.proof import Proof, Prover
from jointbert.labels import Labels
from jointbert.utterance import Utterance

TEXTS = [*ENGLISH, "las vegas", "hi", "jazz jazz jazz at noon please"]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_folder(folder(tmp_path_factory.mktemp("proof") / "model"))


def gold_of(joint: Any, contents: Any) -> list[Utterance]:
    """What the model itself says, as gold: PyTorch is right everywhere."""
    parses = make_predictor(joint, contents.codec).parse_many(TEXTS)
    return [Utterance(parse.text, parse.intent, parse.spans) for parse in parses]


@pytest.fixture(scope="module")
def prover(loaded: Any) -> Prover:
    joint, contents = loaded
    return Prover(gold_of(joint, contents), joint, contents)


def test_pytorch_beside_itself_differs_in_nothing(prover: Prover, loaded: Any) -> None:
    proof = prover.prove("onnx", loaded[0].score)
    assert (proof.engine, proof.utterances) == ("onnx", len(TEXTS))
    assert (proof.largest_difference, proof.identical, proof.loss) == (0.0, 1.0, 0.0)
    assert set(proof.changes.values()) == {0.0} and proof.scores.sentence_accuracy == 1.0
    assert json.loads(json.dumps(proof.to_dict())) == proof.to_dict()


def test_a_shift_is_measured_at_real_words_and_does_not_count_as_another_parse(prover: Prover, loaded: Any) -> None:
    def shifted(arrays: Arrays) -> Any:
        intent, tag, states = loaded[0].score(arrays)
        return intent + 0.25, np.where(arrays["word_mask"][..., None], tag + 0.5, tag + 1e6), states

    proof = prover.prove("onnx", shifted)
    assert proof.largest_difference == pytest.approx(0.5, abs=1e-4) and proof.identical == 1.0


def test_another_intent_costs_points(prover: Prover, loaded: Any) -> None:
    def turned(arrays: Arrays) -> Any:
        intent, tag, states = loaded[0].score(arrays)
        return np.where(arrays["word_mask"].sum(-1, keepdims=True) <= 2, -intent, intent), tag, states

    proof = prover.prove("onnx-int8", turned)
    share = 100 * 2 / len(TEXTS)
    assert proof.changes["intent_accuracy"] == pytest.approx(-share, abs=1e-3)
    assert proof.loss == pytest.approx(share, abs=1e-3) and proof.changes["slot_f1"] == 0.0
    assert proof.identical == pytest.approx(1 - 2 / len(TEXTS))


def test_what_is_judged_otherwise_is_counted(loaded: Any) -> None:
    joint, contents = loaded
    texts = [Utterance(text, "book") for text in TEXTS]
    sure = [parse.ranking[0][1] for parse in make_predictor(joint, contents.codec).parse_many(TEXTS)]
    scope = Scope(MaxProbability(), 0.546)
    assert min(sure) < 0.546 < max(sure)
    prover = Prover(texts, joint, replace(contents, scope=scope))
    assert not prover.needs_state

    def flat(arrays: Arrays) -> Any:
        intent, tag, states = joint.score(arrays)
        return intent * 0.0, tag, states

    proof = prover.prove("onnx-int8", flat)
    outside = sum(chance < 0.546 for chance in sure)
    assert proof.same_scope == pytest.approx(outside / len(TEXTS)) and proof.to_dict()["same_scope"] == proof.same_scope
    assert prover.prove("onnx", joint.score).same_scope == 1.0


def test_a_score_that_is_not_there_has_no_change() -> None:
    labels = Labels(LABELS.intents, None)
    joint = model(labels)

    class Bare:
        codec = codec(labels=labels)
        pad_id = 0
        scope = None

    proof = Prover([Utterance("hi", "book"), Utterance("ho", "nowhere")], joint, Bare()).prove("onnx", joint.score)  # type: ignore[arg-type]
    assert proof.changes["slot_f1"] is None and proof.to_dict()["scores"]["slot_f1"] is None
    assert isinstance(proof, Proof) and proof.loss == 0.0
