"""Rasa's entities in the server's answer: the entity and the role that Rasa's training data names."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.data import read
from jointbert.serve.rasa import EXTRACTOR, to_rasa
from jointbert.serve.rasa_payload import read_payload
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


@pytest.mark.parametrize(
    ("text", "name", "confidence", "entities"),
    [
        ("/affirm", "affirm", 1.0, []),
        ("  /affirm \n", "affirm", 1.0, []),
        ("/faq/ask_name", "faq/ask_name", 1.0, []),
        ("/two words", "two words", 1.0, []),
        ("/inform@0.25", "inform", 0.25, []),
        ("/inform@7", "inform", 1.0, []),
        ("/inform@1.2.3", "inform", 0.0, []),
        ('/inform@0.5{"city": "Rome"}', "inform", 0.5, [("city", "Rome")]),
        ('/inform{"city": ["Rome", "Oslo"], "n": 2, "x": null}', "inform", 1.0,
         [("city", "Rome"), ("city", "Oslo"), ("n", 2), ("x", None)]),
        ('/inform {"a": {"b": [1.5]}}', "inform", 1.0, [("a", {"b": [1.5]})]),
        ("/inform{city: Rome}", "inform", 1.0, []),
        ('/inform{"n": 1e999}', "inform", 1.0, []),
        ('/inform{"n": NaN}', "inform", 1.0, []),
        ("/inform{" + "[" * 5000 + "}", "inform", 1.0, []),
    ],
)  # fmt: skip
def test_what_a_button_says_outright(
    text: str, name: str, confidence: float, entities: list[tuple[str, object]]
) -> None:
    found = read_payload(text, ("faq/ask_name", "two words"), EXTRACTOR)
    assert found is not None and found["text"] == text
    assert found["intent"] == {"name": name, "confidence": confidence}
    assert found["intent_ranking"] == [found["intent"]]
    assert [(it["entity"], it["value"]) for it in found["entities"]] == entities
    for it in found["entities"]:
        assert text[it["start"]] == "{" and text[it["end"] - 1] == "}" and it["extractor"] == EXTRACTOR


@pytest.mark.parametrize(
    "text",
    ["", "/", "/ ", "affirm", "to /affirm", "/etc/hosts", "/s that was a joke", "/7", '/inform{"a": 1} and more', "/@1",
     "/a@", "/{}", "/" + " " * 100_000 + "x{"],
)  # fmt: skip
def test_what_only_looks_like_it_is_text(text: str) -> None:
    assert read_payload(text, ("greet",), EXTRACTOR) is None
