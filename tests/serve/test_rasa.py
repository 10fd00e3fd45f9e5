"""Rasa's entities in the server's answer: the entity and the role that Rasa's training data names."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.data import read
from jointbert.serve.rasa import EXTRACTOR, to_rasa
from jointbert.utterance import Parse, Span


def entities(slot: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = to_rasa(Parse("to Rome", spans=(Span(3, 7, slot, "Rome", None, 0.75),)))[
        "entities"
    ]
    return found


@pytest.mark.parametrize(
    ("slot", "names"),
    [
        ("city", {"entity": "city"}),
        ("city.to", {"entity": "city", "role": "to"}),
        ("travel.city.to", {"entity": "travel.city", "role": "to"}),
        ("city.", {"entity": "city."}),
        (".to", {"entity": ".to"}),
    ],
)
def test_a_slots_name_is_split_at_its_last_dot(slot: str, names: dict[str, str]) -> None:
    place = {"start": 3, "end": 7, "value": "Rome", "confidence_entity": 0.75, "extractor": EXTRACTOR}
    assert entities(slot) == [names | place]


def test_the_entity_and_role_of_the_training_data_come_back(tmp_path: Path) -> None:
    line = '- [Oslo]{"entity": "city", "role": "from"} to [Rome]{"entity": "city", "role": "to"} [now](time)'
    (tmp_path / "nlu.yml").write_text(f"nlu:\n- intent: fly\n  examples: |\n    {line}\n", encoding="utf-8")
    [gold] = read(tmp_path / "nlu.yml")
    shape = to_rasa(Parse(gold.text, spans=gold.spans))
    assert [(it["entity"], it.get("role"), it["value"]) for it in shape["entities"]] == [
        ("city", "from", "Oslo"),
        ("city", "to", "Rome"),
        ("time", None, "now"),
    ]
