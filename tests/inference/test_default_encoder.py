"""The encoder that is taken where none is named: by the script of most of the texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.data.registry import read
from jointbert.inference.default_encoder import default_encoder
from jointbert.model.names import NAMED

CASES = {
    "none": ([], "mini-en"),
    "English": (["play some jazz", "set a timer"], "mini-en"),
    "Chinese": (["播放音乐", "定个闹钟"], "mini-zh"),
    "half and half": (["播放音乐", "play some jazz"], "mini-en"),
    "names in Latin letters": (["播放 Bohemian Rhapsody", "pause", "打开 Netflix please"], "mini-zh"),
    "Chinese names in English": (["fly to 北京", "book a table", "is it raining"], "mini-en"),
    "no letters": (["😀", "123", "", "。"], "mini-en"),
    "Cyrillic": (["включи музыку"], "mini-en"),
}


@pytest.mark.parametrize(("texts", "expected"), CASES.values(), ids=CASES.keys())
def test_the_script_of_most_texts_decides(texts: list[str], expected: str) -> None:
    assert default_encoder(iter(texts)) == expected


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_demo_sets_get_the_encoder_of_their_language(language: str, repository: Path) -> None:
    name = default_encoder(item.text for item in read(repository / f"datasets/demo-{language}/train.jsonl"))
    assert name == f"mini-{language}"
    assert NAMED[name].hub_id is None, "it does not come with the package"
