"""The encoders that come with the package: small, whole, readable, and with nothing of the machine that made them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from jointbert.codec.pretrained import load_tokenizer
from jointbert.model.encoder import load_encoder
from jointbert.model.names import NAMED, SHIPPED, locate
from jointbert.model.pretraining import load_pretraining_model

NAMES = [name for name, encoder in NAMED.items() if encoder.hub_id is None]
MOST_BYTES = 16 * 2**20


def test_every_folder_has_a_name_and_every_name_a_folder() -> None:
    assert {NAMED[name].folder for name in NAMES} == {path.name for path in SHIPPED.iterdir() if path.is_dir()}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_whole(name: str) -> None:
    folder = Path(locate(name))
    assert sum(path.stat().st_size for path in folder.rglob("*")) <= MOST_BYTES
    encoder, tokenizer = load_encoder(name), load_tokenizer(str(folder))
    assert len(tokenizer) == encoder.config.vocab_size  # type: ignore[union-attr]
    assert load_pretraining_model(name)[1] == set()  # both heads are there, for those who go on from it


@pytest.mark.parametrize("name", NAMES)
def test_its_files_say_how_it_was_made_and_nothing_of_where(name: str) -> None:
    folder = Path(locate(name))
    config = yaml.safe_load((folder / "pretraining.yaml").read_text(encoding="utf-8"))
    assert all("/" not in source["path"] for source in config["corpus"]["sources"])
    assert json.loads((folder / "pretraining.json").read_text(encoding="utf-8"))["mlm_perplexity"] > 1
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "Wikipedia" in card and "CC BY-SA" in card
    for path in folder.iterdir():
        if path.suffix in (".md", ".json", ".yaml", ".csv"):
            assert "/work/" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text"), [("mini-en", "what is the weather in boston"), ("mini-zh", "明天北京天气怎么样")]
)
def test_its_tokenizer_knows_its_language(name: str, text: str) -> None:
    tokenizer = load_tokenizer(locate(name))
    assert tokenizer.unk_token_id not in tokenizer(text)["input_ids"]
