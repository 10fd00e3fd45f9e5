"""The check at other sizes: PyTorch's graph passes; one that is another or cannot run is refused with the size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import LABELS, codec, model

from jointbert.checkpoint.predict import Arrays
from jointbert.errors import ModelError
from jointbert.export.parity import check_parity, sample
from jointbert.labels import Labels


def test_a_sample_is_what_the_codec_would_make_of_words_of_one_piece() -> None:
    arrays, real = sample(model(), (5, 3)), codec().encode_texts(["a a a", "a"])
    assert arrays["attention_mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert arrays["word_pieces"].tolist() == [[1, 2, 3], [1, 0, 0]]
    assert arrays["piece_words"].tolist() == [[-1, 0, 1, 2, -1], [-1, 0, -1, -1, -1]]
    assert arrays["word_mask"].tolist() == [[True, True, True], [True, False, False]]
    for row, item in enumerate(real):
        count, pieces = len(item.words.offsets), len(item.input_ids)
        assert arrays["word_pieces"][row, :count].tolist() == item.words.first_piece.tolist()
        assert arrays["piece_words"][row, :pieces].tolist() == item.words.piece_words.tolist()
    pad_id = model().config.encoder["pad_token_id"]
    assert (arrays["input_ids"][1, 3:] == pad_id).all() and (arrays["input_ids"][0] != pad_id).all()


def test_pytorch_is_on_a_par_with_itself_at_one_word_and_at_full_length() -> None:
    joint, shapes = model(), []

    def score(arrays: Arrays) -> Any:
        shapes.append(arrays["input_ids"].shape)
        return joint.score(arrays)

    assert check_parity(Path("model.onnx"), joint, score) == 0.0
    assert shapes == [(1, 3), (3, joint.config.max_pieces)]


@pytest.mark.parametrize("head", [0, 1])
def test_other_logits_are_refused_with_the_size(head: int) -> None:
    joint = model()

    def score(arrays: Arrays) -> Any:
        logits = list(joint.score(arrays))
        if len(logits[head]) > 1:
            logits[head][-1].flat[0] += 1.0 + np.abs(logits[head]).max() * 1e-3
        return logits

    with pytest.raises(
        ModelError, match=r"model\.onnx at 3 x 64 pieces: gives logits that are 1.* off; expected those"
    ):
        check_parity(Path("model.onnx"), joint, score)


def test_other_states_are_refused() -> None:
    joint = model()

    def score(arrays: Arrays) -> Any:
        intent, tag, states = joint.score(arrays, state=True)
        assert states is not None
        return intent, tag, states + 0.5

    with pytest.raises(ModelError, match=r"model\.onnx at 1 x 3 pieces: gives \[CLS\] states that are 0\.5 off"):
        check_parity(Path("model.onnx"), joint, score)


def test_logits_that_are_no_numbers_are_refused() -> None:
    joint = model()

    def score(arrays: Arrays) -> Any:
        intent, tag, states = joint.score(arrays)
        return intent * np.nan, tag, states  # type: ignore[operator]

    with pytest.raises(ModelError, match=r"model\.onnx at 1 x 3 pieces: gives logits that are nan off"):
        check_parity(Path("model.onnx"), joint, score)


def test_a_graph_that_breaks_at_a_size_is_refused() -> None:
    def score(_: Arrays) -> Any:
        raise RuntimeError("Reshape node: 7 does not go into 3")

    with pytest.raises(ModelError, match=r"model\.onnx at 1 x 3 pieces: cannot be run \(Reshape node"):
        check_parity(Path("model.onnx"), model(), score)


def test_a_model_without_a_slot_head_is_compared_by_its_intents() -> None:
    joint = model(Labels(LABELS.intents, None))
    assert check_parity(Path("model.onnx"), joint, joint.score) == 0.0
