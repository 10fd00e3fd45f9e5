"""The page with a stand-in for the model: what it shows, and that it reads no markup in what users wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import jointbert
from jointbert.errors import DataError, ModelError
from jointbert.utterance import Parse, Span

PAGE = str(Path(__file__).resolve().parents[2] / "app" / "Home.py")
HOSTILE = "**bold** <script>alert(1)</script> :red[x] $x^2$"


class StandIn:
    """Answers like NLU, without a model."""

    loads = 0

    @classmethod
    def load(cls, folder: str) -> StandIn:
        cls.loads += 1
        if folder.endswith("broken"):
            raise ModelError(folder, f"{HOSTILE} is missing", "a model folder", "Train one.")
        return cls()

    def parse(self, text: str) -> Parse:
        if text == "fail":
            raise DataError("utterance", HOSTILE, "something else")
        if text == "slots only":
            return Parse(text, spans=(Span.of(text, "what", 0, 5, confidence=0.5),), truncated_at=6)
        span = Span.of(text, "**slot**", 0, 2, confidence=0.75)
        return Parse(text, "[greet](x)", 0.8, (("[greet](x)", 0.8), ("leave", 0.15), ("order", 0.05)), (span,))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    monkeypatch.setattr(jointbert, "NLU", StandIn, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(StandIn, "loads", 0)
    st.cache_resource.clear()
    for name in ("model", "broken"):
        (tmp_path / name).mkdir()
    return AppTest.from_file(PAGE, default_timeout=30)


def parsed(page: AppTest, text: str, folder: str = "model") -> AppTest:
    page.run()
    page.text_input(key="folder").set_value(folder).run()
    page.text_input(key="text").set_value(text)
    page.button[0].click().run()
    assert not page.exception
    return page


def as_markdown(page: AppTest) -> str:
    """Everything on the page that Streamlit reads as Markdown."""
    kinds = (page.markdown, page.caption, page.error, page.info, page.warning, page.title, page.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_without_a_model_the_page_says_how_to_get_one(page: AppTest) -> None:
    page.run()
    assert not page.exception
    assert page.text_input(key="folder").value == "models/demo-en"
    assert "There is no model in this folder yet" in page.info[0].value
    assert page.code[0].value == "jointbert train configs/demo-en.yaml --output models/demo-en"
    assert "annotate, review and test are not there yet" in page.caption[0].value


def test_a_model_without_an_utterance_names_the_next_step(page: AppTest) -> None:
    page.run()
    page.text_input(key="folder").set_value("model").run()
    assert page.info[0].value == "Nothing parsed yet. Type an utterance above and press Enter."
    assert StandIn.loads == 0


def test_intent_runners_up_slots_and_json(page: AppTest) -> None:
    parsed(page, "hi there")
    assert [element.value for element in page.text] == ["hi there", "[greet](x)"]
    following, slots = (element.value for element in page.dataframe)
    assert following.to_dict("list") == {"intent": ["leave", "order"], "confidence": [0.15, 0.05]}
    assert slots.iloc[0].to_dict() == {"slot": "**slot**", "value": "hi", "start": 0, "end": 2, "confidence": 0.75}
    assert '"name": "[greet](x)"' in page.json[0].value or '"name":"[greet](x)"' in page.json[0].value


def test_what_users_and_models_write_is_never_markdown(page: AppTest) -> None:
    parsed(page, HOSTILE)
    assert page.text[0].value == HOSTILE
    for part in ("script", ":red", "[greet]", "**"):
        assert part not in as_markdown(page)


def test_the_model_is_loaded_once_and_again_when_it_was_trained_anew(page: AppTest, tmp_path: Path) -> None:
    parsed(page, "hi there")
    parsed(page, "hello")
    assert StandIn.loads == 1
    (tmp_path / "model" / "model.safetensors").write_bytes(b"new")
    parsed(page, "hello again")
    assert StandIn.loads == 2


def test_slots_only_and_truncated(page: AppTest) -> None:
    parsed(page, "slots only")
    assert "This model has no intent head: it finds slots only." in [element.value for element in page.info]
    assert page.warning[0].value == "Too long for this model: nothing was read from character 6 on."


@pytest.mark.parametrize(
    ("text", "folder", "title"),
    [
        ("hi", "broken", "This folder cannot be loaded as a model."),
        ("fail", "model", "The utterance could not be parsed."),
    ],
)
def test_errors_are_plain_text_without_a_trace(page: AppTest, text: str, folder: str, title: str) -> None:
    parsed(page, text, folder)
    assert [element.value for element in page.error] == [title]
    assert HOSTILE in page.code[0].value
    assert "script" not in as_markdown(page)


def test_a_folder_name_is_not_markdown(page: AppTest) -> None:
    page.run()
    page.text_input(key="folder").set_value("**no** <b>").run()
    assert "**no**" not in as_markdown(page)
    assert page.code[1].value.endswith("**no** <b>")
