"""The page "Test a model" with a stand-in for the model: what it shows, and that it reads no markup in users' words."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from visit import texts

import jointbert
from jointbert import DataError, ModelError, Parse, Span, Utterance
from jointbert.annotation import Label, Schema

HOSTILE = "**bold** <script>alert(1)</script> :red[x] $x^2$"
SCHEMA = Schema((Label("intent", "[greet](x)"),), (Label("slot", "**slot**"),))


class StandIn:
    """Answers like NLU, without a model; the folder's name decides what it says."""

    loads = 0

    def __init__(self, folder: str) -> None:
        self.folder = folder

    @classmethod
    def load(cls, folder: str) -> StandIn:
        cls.loads += 1
        if folder.endswith("broken"):
            raise ModelError(folder, f"{HOSTILE} is missing", "a model folder", "Train one.")
        return cls(folder)

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        return [self.parse(text) for text in texts]

    def parse(self, text: str) -> Parse:
        if text == "fail":
            raise DataError("utterance", HOSTILE, "something else")
        if text == "slots only":
            return Parse(text, spans=(Span.of(text, "what", 0, 5, confidence=0.5),), truncated_at=6)
        if self.folder.endswith("other"):
            return Parse(text, "leave", 0.6, (("leave", 0.6), ("[greet](x)", 0.4)))
        span = Span.of(text, "**slot**", 0, 2, confidence=0.75)
        return Parse(text, "[greet](x)", 0.8, (("[greet](x)", 0.8), ("leave", 0.15), ("order", 0.05)), (span,))


@pytest.fixture
def tester(app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    monkeypatch.setattr(jointbert, "NLU", StandIn)
    monkeypatch.setattr(StandIn, "loads", 0)
    for name in ("model", "other", "broken"):
        (tmp_path / name).mkdir()
    return app.run().switch_page("views/test.py").run()


def parsed(tester: AppTest, text: str, folder: str = "model") -> AppTest:
    tester.text_input(key="model_folder").set_value(folder).run()
    tester.text_area(key="text").set_value(text)
    tester.button(key="parse").click().run()
    assert not tester.exception
    return tester


def compared(tester: AppTest, text: str) -> AppTest:
    tester.selectbox(key="other").select_index(1).run()
    tester.text_input(key="other_folder").set_value("other").run()
    return parsed(tester, text)


def test_without_a_model_the_page_says_how_to_get_one(tester: AppTest) -> None:
    assert not tester.exception
    assert tester.text_input(key="model_folder").value == "models/demo-en"
    assert "There is no model in this folder yet" in tester.info[0].value
    assert tester.code[0].value == "jointbert train configs/demo-en.yaml --output models/demo-en"


@pytest.mark.parametrize("typed", ["", " ", "x" * 5000, "a\0b"])
def test_what_can_be_no_folder_is_no_model(tester: AppTest, typed: str) -> None:
    tester.text_input(key="model_folder").set_value(typed).run()
    assert not tester.exception and "There is no model in this folder yet" in tester.info[0].value


def test_a_model_without_an_utterance_names_the_next_step(tester: AppTest) -> None:
    tester.text_input(key="model_folder").set_value("model").run()
    assert tester.info[0].value.startswith("Nothing parsed yet. Type an utterance above and press Parse")
    assert StandIn.loads == 0


def test_intent_runners_up_slots_and_json(tester: AppTest) -> None:
    parsed(tester, "hi there")
    assert "[greet](x)" in texts(tester)
    tables = [element.value for element in tester.dataframe]
    (slots,) = (table for table in tables if "slot" in table)
    (following,) = (table for table in tables if "slot" not in table)
    assert following.to_dict("list") == {"intent": ["leave", "order"], "confidence": [0.15, 0.05]}
    assert slots.iloc[0].to_dict() == {"slot": "**slot**", "value": "hi", "start": 0, "end": 2, "confidence": 0.75}
    assert '"name": "[greet](x)"' in tester.code[0].value
    assert tester.code[0].language == "json"


def test_what_users_and_models_write_is_never_markdown(
    tester: AppTest, as_markdown: Callable[[AppTest], str], tmp_path: Path
) -> None:
    parsed(tester, HOSTILE)
    for part in ("script", ":red[", "[greet]", "**"):
        assert part not in as_markdown(tester)


def test_the_model_is_loaded_once_and_again_when_it_was_trained_anew(tester: AppTest, tmp_path: Path) -> None:
    parsed(tester, "hi there")
    parsed(tester, "hello")
    assert StandIn.loads == 1
    (tmp_path / "model" / "model.safetensors").write_bytes(b"new")
    parsed(tester, "hello again")
    assert StandIn.loads == 2


def test_slots_only_and_truncated(tester: AppTest) -> None:
    parsed(tester, "slots only")
    assert "This model has no intent head: it finds slots only." in [element.value for element in tester.info]
    assert tester.warning[0].value == "Too long for this model: nothing was read from character 6 on."


@pytest.mark.parametrize(
    ("text", "folder", "title"),
    [
        ("hi", "broken", "This folder cannot be loaded as a model."),
        ("fail", "model", "The utterance could not be parsed."),
    ],
)
def test_errors_are_plain_text_without_a_trace(
    tester: AppTest, as_markdown: Callable[[AppTest], str], text: str, folder: str, title: str
) -> None:
    parsed(tester, text, folder)
    assert [element.value for element in tester.error] == [title]
    assert HOSTILE in tester.code[0].value
    assert "script" not in as_markdown(tester)


def test_a_folder_name_is_not_markdown(tester: AppTest, as_markdown: Callable[[AppTest], str]) -> None:
    tester.text_input(key="model_folder").set_value("**no** <b>").run()
    assert "**no**" not in as_markdown(tester)
    assert tester.code[1].value.endswith("**no** <b>")


def test_many_utterances_become_a_table_and_a_file(tester: AppTest) -> None:
    parsed(tester, "hi there\n\n  hello  \n")
    table = tester.dataframe[0].value
    assert table.to_dict("list")["utterance"] == ["hi there", "  hello  "]
    assert table.to_dict("list")["slots"] == ["**slot**: hi", "**slot**:   "]
    assert tester.subheader[0].value == "2 utterances"
    assert [element.label for element in tester.get("download_button")] == ["Download the parses"]


def test_too_many_lines_are_refused_in_words(tester: AppTest) -> None:
    parsed(tester, "hi\n" * 1001)
    assert tester.warning[0].value == "1,001 lines are too many for this page. Paste at most 1,000 at once."


def test_two_models_side_by_side_with_what_differs(tester: AppTest) -> None:
    compared(tester, "hi there")
    assert "What differs" in [element.value for element in tester.subheader]
    assert (
        "• Intent: the first model says [greet](x); the second model says leave\n"
        "• “hi”: the first model says **slot**; the second model marks nothing"
    ) in texts(tester)


def test_two_models_that_agree_say_so(tester: AppTest) -> None:
    compared(tester, "slots only")
    assert tester.success[0].value == "Both models understand this utterance in the same way."


def test_many_utterances_of_two_models_count_what_differs(tester: AppTest) -> None:
    compared(tester, "hi there\nslots only")
    assert tester.subheader[0].value == "2 utterances, 1 understood differently"
    assert tester.dataframe[0].value["differs"].to_list() == [True, False]


def test_what_was_typed_is_there_after_a_visit_to_another_page(tester: AppTest) -> None:
    parsed(tester, "hi there")
    tester.switch_page("views/start.py").run()
    tester.switch_page("views/test.py").run()
    assert tester.text_area(key="text").value == "hi there"
    assert tester.text_input(key="model_folder").value == "model"


def test_without_a_project_nothing_can_be_sent_there(tester: AppTest) -> None:
    parsed(tester, "hi there")
    assert tester.button(key="correct_0").disabled


def test_a_wrong_parse_goes_to_annotate_with_the_parse_as_its_suggestion(tester: AppTest) -> None:
    project = importlib.import_module("desk").store().create_project("p", schema=SCHEMA, who="Ada")
    project.add([Utterance("hi there, you"), Utterance("hi there")], "Ada")
    tester.query_params["annotator"] = "Ada"
    tester.text_input(key="annotator").set_value("Ada").run()
    importlib.import_module("desk").forget()
    parsed(tester, "hi there")
    tester.button(key="correct_0").click().run()
    assert not tester.exception and not tester.error
    assert tester.title[0].value == "Annotate"
    assert "Utterance 2" in [element.value for element in tester.caption]
    assert next(box for box in tester.selectbox if box.label == "Intent").value == "[greet](x)"
    suggestion = project.item(2, "Ada").suggestion
    assert suggestion is not None
    assert (suggestion.model, suggestion.intent, suggestion.spans[0].slot) == ("model", "[greet](x)", "**slot**")
    assert project.info().utterances == 2, "a known text is not doubled"


def test_a_short_text_that_many_others_hold_is_found(workspace: Path, tmp_path: Path) -> None:
    project = importlib.import_module("desk").store().create_project("p", schema=SCHEMA, who="Ada")
    project.add([Utterance(f"hi there {number}") for number in range(201)], "Ada")
    send = importlib.import_module("handover").send
    number = send(project, Parse("hi", None, None), str(tmp_path), "Ada")
    assert project.item(number, "Ada").text == "hi"
    assert send(project, Parse("hi", None, None), str(tmp_path), "Ada") == number


def test_the_projects_model_is_offered_first(tester: AppTest, tmp_path: Path) -> None:
    project = importlib.import_module("desk").store().create_project("p", who="Ada")
    project.edit("Ada", model=str(tmp_path / "other"))
    importlib.import_module("desk").forget()
    tester.run()
    assert tester.selectbox(key="model").options == ["The project's model: other", "A folder on this computer …"]
