"""The encoders that come with the package: small, whole, readable, and with nothing of the machine that made them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from jointbert.codec.pretrained import load_tokenizer
from jointbert.inference.try_encoder import try_encoder
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


DIALOGUES = {
    "mini-en": (
        ("i would like to book a table for two", "what time should i make the reservation for?"),
        ("can you find me a hotel in boston", "how many nights will you be staying?"),
        ("i am looking for a movie to watch tonight", "do you like comedies or thrillers?"),
        ("please order a large pizza for me", "which toppings would you like on it?"),
        ("my grandfather was born in a small village", "he moved to the city when he was twelve."),
        ("i need a taxi to the airport", "where should the driver pick you up?"),
        ("what is the weather like in paris", "it will be sunny with a high of twenty degrees."),
        ("i want to hear some music", "any artist that you would like me to play?"),
        ("the train was late again this morning", "so i missed my first meeting at work."),
        ("my dog is sick and does not eat", "you should take it to the vet."),
    ),
    "mini-zh": (
        ("我想订一张去上海的机票", "请问您什么时候出发？"),
        ("附近有什么好吃的餐厅吗", "推荐您去全聚德，人均消费一百元。"),
        ("你喜欢看什么电影", "我喜欢看周星驰的喜剧片。"),
        ("帮我找一家便宜的酒店", "您打算住几天呢？"),
        ("故宫的门票多少钱", "门票是六十元，学生半价。"),
        ("最近有什么好听的歌", "周杰伦的新专辑很不错。"),
        ("我想去公园玩", "推荐你去北海公园，免费开放。"),
        ("你知道姚明吗", "知道，他是著名的篮球运动员。"),
        ("我需要一辆出租车去机场", "好的，司机马上就到。"),
        ("明天会下雨吗", "会的，出门记得带伞。"),
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_its_nsp_head_tells_an_answer_from_another_dialogues(name: str) -> None:
    """A head that no longer fits its encoder says yes to all, or no: these pairs were written for this test."""
    pairs, found = DIALOGUES[name], []
    for shift in range(4):
        seconds = [pairs[(place + shift) % len(pairs)][1] for place in range(len(pairs))]
        found.append(
            [try_encoder(name, first, second).follows for (first, _), second in zip(pairs, seconds, strict=True)]
        )
    yes, no = np.array(found[0], float), np.array(found[1:], float).ravel()
    assert (yes[:, None] > no).mean() > 0.6  # the area under the curve; 0.5 is chance
    assert (yes > 0.5).any() and (no < 0.5).any()
