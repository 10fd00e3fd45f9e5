"""The page Data on a real store: in, out, checked, charted, relabelled, undone; with names and texts meant to harm."""

from __future__ import annotations

import importlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from visit import clean, texts, visit

from jointbert import Span, Utterance
from jointbert.annotation import Label, Project

HOSTILE = "**bold** <script>alert(1)</script> :red[x] $x^2$ [a](b)"
SLOT = "<i>s&amp;</i>"
TEXT = f"{HOSTILE} \ud800 end"
PARTS = ("script", ":red", "[a]", "**bold")
AsMarkdown = Callable[[AppTest], str]


@pytest.fixture
def project(workspace: Path) -> Project:
    """Three utterances: one that harms, one labelled, one bare."""
    made: Project = importlib.import_module("desk").store().create_project(HOSTILE, who="Ada")
    made.save_label(Label("intent", "unused", HOSTILE, (HOSTILE,)), "Ada")
    text = "fly to Boston"
    made.add(
        [
            Utterance(TEXT, HOSTILE, (Span.of(TEXT, SLOT, 0, 4),)),
            Utterance(text, "book", (Span.of(text, "city", 7, 13),)),
            Utterance("hello"),
        ],
        "<b>Bob</b>",
    )
    return made


def section(app: AppTest, name: str) -> AppTest:
    """The app at a section of the page, with Ada at the desk."""
    return visit(app, "data", data_section=name)


@pytest.mark.parametrize("name", ["Browse", "Import", "Export", "Check", "Charts", "Labels", "Guidelines", "History"])
def test_no_section_reads_users_words_as_markdown(
    app: AppTest, project: Project, as_markdown: AsMarkdown, name: str
) -> None:
    section(app, name)
    for part in PARTS:
        assert part not in as_markdown(app)


@pytest.mark.parametrize("name", ["Browse", "Import", "Export", "Check", "Charts", "Labels", "Guidelines", "History"])
def test_an_empty_project_has_something_to_say_everywhere(app: AppTest, workspace: Path, name: str) -> None:
    importlib.import_module("desk").store().create_project("empty", who="Ada")
    section(app, name)
    said = [element.value for kind in ("info", "caption") for element in app.get(kind)]
    assert said


def test_without_a_name_nothing_can_be_changed(app: AppTest, project: Project) -> None:
    app.run().switch_page("views/data.py").run()
    assert "Type your name" in app.info[0].value and not app.file_uploader


def test_browse_finds_by_words_label_state_and_part(app: AppTest, project: Project) -> None:
    section(app, "Browse")
    assert list(app.dataframe[0].value["utterance"]) == [TEXT.replace("\ud800", "\ufffd"), "fly to Boston", "hello"]
    assert list(app.dataframe[0].value["slots"]) == [f"{SLOT}: **bo", "city: Boston", ""]
    app.text_input(key="browse_text").set_value("BOSTON").run()
    assert list(clean(app).dataframe[0].value["utterance"]) == ["fly to Boston"]
    app.text_input(key="browse_text").set_value("nowhere").run()
    assert "No utterance fits" in app.info[0].value
    app.text_input(key="browse_text").set_value("").run()
    app.selectbox(key="browse_status").select("untouched").run()
    assert list(clean(app).dataframe[0].value["state"]) == ["not answered yet"]


def test_browse_by_person_shows_what_that_person_answered(app: AppTest, project: Project) -> None:
    project.answer(2, "Cy", "draft", "book")
    project.answer(3, "Dee", "rejected")
    section(app, "Browse")
    app.selectbox(key="browse_by").select("Cy").run()
    assert list(clean(app).dataframe[0].value["number"]) == [2]
    assert list(app.dataframe[0].value["state"]) == ["begun (draft)"]
    app.selectbox(key="browse_status").select("accepted").run()
    assert "No utterance fits" in clean(app).info[0].value


def test_browse_calls_a_draft_a_draft(app: AppTest, project: Project) -> None:
    project.answer(3, "Cy", "draft", "book")
    section(app, "Browse")
    app.selectbox(key="browse_status").select("draft").run()
    assert list(clean(app).dataframe[0].value["state"]) == ["begun (draft)"]
    app.selectbox(key="browse_label").select(("intent", "book")).run()
    assert list(clean(app).dataframe[0].value["number"]) == [3], "one answer has both: the draft that says so"


def test_browse_turns_pages_and_forgets_a_page_that_is_gone(app: AppTest, project: Project) -> None:
    project.add([Utterance(f"number {number}") for number in range(60)], "Ada")
    section(app, "Browse")
    assert len(app.dataframe[0].value) == 50
    app.pagination[0].select(2).run()
    assert list(app.dataframe[0].value["utterance"])[-1] == "number 59"
    app.text_input(key="browse_text").set_value("number 5").run()
    assert clean(app).dataframe[0].value["utterance"][0] == "number 5"


def test_import_shows_what_it_recognised_and_stores_only_on_the_button(app: AppTest, project: Project) -> None:
    section(app, "Import")
    lines = [{"text": "bye", "intent": "leave", "slots": []}, {"text": 3}, {"text": "hello", "intent": "leave"}]
    app.file_uploader[0].upload("x.jsonl", "\n".join(map(json.dumps, lines)).encode()).run()
    assert {metric.label: metric.value for metric in clean(app).metric} == {
        "utterances": "2",
        "of them labelled": "2",
        "left out": "1",
    }
    problems, first = (frame.value for frame in app.dataframe)
    assert problems.iloc[0]["where"] == "line 2" and problems.iloc[0]["what happens"] == "left out"
    assert list(first["intent"]) == ["leave", "leave"]
    assert project.info().utterances == 3
    app.selectbox(key="import_split").select("test")
    app.button(key="import_add").click().run()
    assert "Added: 1 utterance." in clean(app).success[0].value and "not doubled: 1." in app.success[0].value
    assert [item.split for item in project.find(text="bye")] == ["test"]
    assert project.item(3, "Ada").answer.intent == "leave"
    assert not app.metric, "the uploader is empty again"


def test_import_without_labels_makes_no_answers(app: AppTest, project: Project) -> None:
    section(app, "Import")
    app.file_uploader[0].upload("x.csv", b"text,intent\nbye,leave\n").run()
    app.checkbox(key="import_labelled").uncheck()
    app.button(key="import_add").click().run()
    assert clean(app).success and project.find(text="bye")[0].gold is None


def test_import_says_which_labels_met_an_answer_of_ones_own(app: AppTest, project: Project) -> None:
    project.answer(2, "Ada", "accepted", "book")
    project.answer(3, "Ada", "draft", "book")
    section(app, "Import")
    app.file_uploader[0].upload("x.csv", b"text,intent\nfly to Boston,leave\nhello,leave\n").run()
    app.button(key="import_add").click().run()
    assert clean(app).success[0].value == (
        "Added: 0 utterances. In the project already, and not doubled: 2. Kept as accepted answers: 1. "
        "Labels left out, because you have answered these otherwise already: 1."
    )
    assert [project.item(number, "Ada").answer.intent for number in (2, 3)] == ["book", "leave"]
    app.button_group(key="data_section").set_value("History").run()
    assert app.text[0].value == "accepted imported labels in place of 1 draft"
    app.button(key="history_undo").click().run()
    assert clean(app) and project.item(3, "Ada").answer.status == "draft"


def test_import_of_a_damaged_zip_is_refused_in_plain_text(app: AppTest, project: Project) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", '{"text": "hello there my friend", "intent": "x", "slots": []}\n' * 200)
    content = bytearray(buffer.getvalue())
    content[40:43] = b"\xff\xff\xff"
    section(app, "Import")
    app.file_uploader[0].upload("x.zip", bytes(content)).run()
    assert [error.value for error in app.error] == ["This file cannot be read."]
    assert app.code[0].value.startswith("x.zip: cannot be unpacked")


def test_import_of_something_else_is_refused_in_plain_text(
    app: AppTest, project: Project, as_markdown: AsMarkdown
) -> None:
    section(app, "Import")
    app.file_uploader[0].upload(f"{HOSTILE}.bin", b"\x00\xff").run()
    assert [error.value for error in app.error] == ["This file cannot be read."]
    assert "in no format that is known" in app.code[0].value and "/tmp" not in app.code[0].value
    assert all(part not in as_markdown(app) for part in PARTS)


def test_pasted_lines_are_utterances(app: AppTest, project: Project) -> None:
    app.session_state["import_way"] = "Paste lines"
    section(app, "Import")
    app.text_area[0].set_value(f"one\n\n{HOSTILE}").run()
    app.button(key="import_add").click().run()
    assert clean(app).success and project.info().utterances == 5


@pytest.mark.parametrize(
    ("name", "written"), [("jsonl", "2 utterances"), ("conll", "1 utterance"), ("goo", "1 utterance")]
)
def test_export_says_what_it_leaves_out_before_the_download(
    app: AppTest, project: Project, name: str, written: str
) -> None:
    section(app, "Export")
    app.selectbox(key="export_format").select(name).run()
    assert not app.get("download_button")
    app.button(key="export_prepare").click().run()
    assert f"In the file: {written}." in clean(app).success[0].value
    assert any("left out" in line for line in texts(app))
    assert len(app.get("download_button")) == 1
    app.selectbox(key="export_split").select("dev").run()
    assert not app.get("download_button"), "what was prepared for another part is not offered"


def test_a_file_from_before_the_latest_changes_says_so(app: AppTest, project: Project) -> None:
    section(app, "Export")
    app.button(key="export_prepare").click().run()
    assert not clean(app).warning[0].value.startswith("The project has changed")
    assert app.get("download_button")[0].proto.label == "Download"
    app.button_group(key="data_section").set_value("Browse").run()
    project.answer(3, "Cy", "accepted", "book")
    app.button_group(key="data_section").set_value("Export").run()
    assert clean(app).warning[0].value.startswith("The project has changed since this file was prepared.")
    assert app.get("download_button")[0].proto.label == "Download it as it was"
    app.button(key="export_prepare").click().run()
    assert "In the file: 3 utterances." in clean(app).success[0].value
    assert not [one for one in app.warning if "has changed" in one.value]


def test_a_format_that_can_carry_none_of_them_says_so(app: AppTest, project: Project) -> None:
    section(app, "Export")
    app.selectbox(key="export_format").select("csv").run()
    app.button(key="export_prepare").click().run()
    assert app.error[0].value == "The file could not be made." and "csv cannot carry" in app.code[0].value


def test_a_folder_is_exported_as_a_zip(workspace: Path, tmp_path: Path, project: Project) -> None:
    packed = importlib.import_module("data_export").packed
    (tmp_path / "goo").mkdir()
    (tmp_path / "goo" / "seq.in").write_text("hi\n")
    with zipfile.ZipFile(io.BytesIO(packed(tmp_path / "goo"))) as archive:
        assert archive.namelist() == ["seq.in"]


def test_check_names_the_utterance_to_fix(app: AppTest, project: Project) -> None:
    section(app, "Check")
    app.button(key="check_run").click().run()
    found = clean(app).dataframe[0].value
    assert set(found["utterance"]) <= {1, 2} and len(found) > 0
    assert set(found["grade"]) <= {"must be fixed", "look at it", "worth knowing"}


def test_findings_from_before_the_latest_changes_say_so(app: AppTest, project: Project) -> None:
    section(app, "Check")
    app.button(key="check_run").click().run()
    assert not clean(app).warning
    app.button_group(key="data_section").set_value("Browse").run()
    project.answer(1, "<b>Bob</b>", "rejected", version=1)
    app.button_group(key="data_section").set_value("Check").run()
    assert "The project has changed since it was checked." in clean(app).warning[0].value and app.dataframe
    app.button(key="check_run").click().run()
    assert not clean(app).warning and 1 not in set(app.dataframe[0].value["utterance"])


def test_charts_escape_names(app: AppTest, project: Project) -> None:
    section(app, "Charts")
    intents, slots, lengths = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    assert any("&lt;script&gt;" in name for name in intents["layout"]["yaxis"]["ticktext"])
    assert not any("<" in name for name in [*intents["layout"]["yaxis"]["ticktext"], *intents["data"][0]["hovertext"]])
    assert "&lt;i&gt;s&amp;amp;&lt;/i&gt;" in slots["layout"]["yaxis"]["ticktext"]
    assert sum(lengths["data"][0]["y"]) == 3
    assert "unused" in texts(app)


def test_a_label_is_added_and_described(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    app.text_input(key="add_intent_0_name").set_value("cancel")
    app.text_input(key="add_intent_0_description").set_value(HOSTILE)
    app.text_area(key="add_intent_0_examples").set_value("drop it\n\nnever mind")
    next(button for button in app.button if button.label == "Add it").click().run()
    added = {label.name: label for label in project.schema().intents}["cancel"]
    assert (added.description, added.examples) == (HOSTILE, ("drop it", "never mind"))
    app.text_input(key="add_intent_1_name").set_value("cancel")
    next(button for button in app.button if button.label == "Add it").click().run()
    assert "already" in app.error[0].value


def test_a_slot_with_a_blank_is_refused_and_what_was_typed_stays(app: AppTest, project: Project) -> None:
    app.session_state["labels_kind"] = "slot"
    section(app, "Labels")
    app.text_input(key="add_slot_0_name").set_value("two words")
    next(button for button in app.button if button.label == "Add it").click().run()
    assert app.error[0].value == "The label was not saved."
    assert app.text_input(key="add_slot_0_name").value == "two words"


def test_rename_says_how_much_changes_and_can_be_taken_back(
    app: AppTest, project: Project, as_markdown: AsMarkdown
) -> None:
    section(app, "Labels")
    app.selectbox(key="labels_name_intent").select(HOSTILE).run()
    assert any(caption.value.startswith("1 answer or decision") for caption in clean(app).caption)
    app.text_input(key="rename_intent").set_value("plain")
    app.run()
    app.button(key="rename_do").click().run()
    assert app.success[0].value == "Renamed in 1 answer or decision."
    assert "plain" in project.schema().intent_names and project.labelled()[0].intent == "plain"
    app.button(key="label_undo").click().run()
    assert project.labelled()[0].intent == HOSTILE
    assert all(part not in as_markdown(clean(app)) for part in PARTS)


def test_the_way_back_is_not_offered_for_something_else(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    app.selectbox(key="labels_name_intent").select("unused").run()
    app.button(key="remove_do").click().run()
    assert app.success[0].value == "Removed." and "unused" not in project.schema().intent_names
    project.edit("Ada", guidelines="something else")
    app.run()
    assert not [button for button in app.button if button.key == "label_undo"]


def test_merge_moves_answers(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    app.selectbox(key="labels_name_intent").select("book").run()
    app.selectbox(key="merge_intent").select("unused").run()
    app.button(key="merge_do").click().run()
    assert clean(app).success[0].value == "Merged in 1 answer or decision."
    assert [utterance.intent for utterance in project.labelled()] == [HOSTILE, "unused"]


def test_a_label_in_use_cannot_be_removed(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    app.selectbox(key="labels_name_intent").select("book").run()
    assert any("in use in 1 answer" in info.value for info in app.info)
    assert not [button for button in app.button if button.key == "remove_do"]


def test_guidelines_are_saved_and_nobody_is_overwritten_unseen(app: AppTest, project: Project) -> None:
    section(app, "Guidelines")
    area = app.text_area(key=f"guidelines_{project.id}")
    area.set_value("mine").run()
    project.edit("Bob", guidelines=HOSTILE)
    app.run()
    assert "Somebody else has changed" in app.warning[0].value and app.code[0].value == HOSTILE
    assert app.text_area(key=f"guidelines_{project.id}").value == "mine"
    app.button(key="guidelines_save").click().run()
    assert project.info().guidelines == "mine" and not clean(app).warning


def test_guidelines_saved_between_two_looks_are_shown_before_they_are_replaced(app: AppTest, project: Project) -> None:
    section(app, "Guidelines")
    app.text_area(key=f"guidelines_{project.id}").set_value("mine").run()
    project.edit("Bob", guidelines="Bob's")
    app.button(key="guidelines_save").click().run()
    assert project.info().guidelines == "Bob's"
    assert "Somebody else has changed" in clean(app).warning[0].value and app.code[0].value == "Bob's"
    app.button(key="guidelines_save").click().run()
    assert project.info().guidelines == "mine" and not clean(app).warning


def test_guidelines_in_which_nothing_was_typed_are_those_of_now(app: AppTest, project: Project) -> None:
    project.edit("Ada", guidelines="old")
    section(app, "Guidelines")
    app.button_group(key="data_section").set_value("History").run()
    project.edit("Bob", guidelines="Bob's")
    app.button_group(key="data_section").set_value("Guidelines").run()
    assert app.text_area(key=f"guidelines_{project.id}").value == "Bob's"
    project.edit("Bob", guidelines="Bob's again")
    app.run()
    assert app.text_area(key=f"guidelines_{project.id}").value == "Bob's again"
    assert not clean(app).warning and app.button(key="guidelines_save").disabled


def test_ones_own_undo_is_no_change_of_somebody_else(app: AppTest, project: Project) -> None:
    project.edit("Ada", guidelines="old")
    section(app, "Guidelines")
    app.text_area(key=f"guidelines_{project.id}").set_value("mine").run()
    app.button(key="guidelines_save").click().run()
    app.button_group(key="data_section").set_value("History").run()
    app.button(key="history_undo").click().run()
    app.button_group(key="data_section").set_value("Guidelines").run()
    assert project.info().guidelines == app.text_area(key=f"guidelines_{project.id}").value == "old"
    assert not clean(app).warning


def describe(app: AppTest, name: str) -> tuple[str, str]:
    """A label chosen: the key of its description, and that of the button that saves it."""
    app.selectbox(key="labels_name_intent").select(name).run()
    saves = [str(button.key) for button in app.button if str(button.key).startswith("describe_")]
    return f"{saves[0].removesuffix('_save')}_description", saves[0]


def test_a_label_that_somebody_else_described_meanwhile_is_not_overwritten_unseen(
    app: AppTest, project: Project, as_markdown: AsMarkdown
) -> None:
    section(app, "Labels")
    field, button = describe(app, "book")
    project.save_label(Label("intent", "book", HOSTILE, ("[a](b)",)), "Bob")
    app.text_input(key=field).set_value("Ada's long words")
    app.button(key=button).click().run()
    assert {label.name: label.description for label in project.schema().intents}["book"] == HOSTILE
    assert not app.toast and project.events(1)[0].who == "Bob"
    assert "Somebody else has changed this label" in clean(app).warning[0].value
    assert f"What it means: {HOSTILE}" in texts(app) and app.text_input(key=field).value == "Ada's long words"
    assert all(part not in as_markdown(app) for part in PARTS)
    assert app.button(key=button).label == "Save mine instead"
    app.button(key=button).click().run()
    assert {label.name: label.description for label in project.schema().intents}["book"] == "Ada's long words"
    assert not clean(app).warning and app.button(key=button).label == "Save"


def test_what_is_typed_about_a_label_stays_when_others_are_added(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    field, button = describe(app, "book")
    project.save_label(Label("intent", "a new one"), "Bob")
    app.text_input(key=field).set_value("my words ")
    app.button(key=button).click().run()
    assert clean(app).toast[0].value == "The label is saved."
    assert {label.name: label.description for label in project.schema().intents}["book"] == "my words"
    events = len(project.events())
    app.button(key=button).click().run()
    assert clean(app).toast[-1].value == "The label says this already." and len(project.events()) == events


def test_what_is_written_about_a_label_follows_its_new_name(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    field, button = describe(app, "book")
    project.rename_label("intent", "book", "reserve", "Bob")
    app.text_input(key=field).set_value("my words")
    app.button(key=button).click().run()
    assert "What you wrote is kept below" in clean(app).warning[0].value and len(app.warning) == 1
    assert app.selectbox(key="labels_name_intent").value == "reserve"
    save = next(str(one.key) for one in app.button if str(one.key).startswith("describe_"))
    assert app.text_input(key=f"{save.removesuffix('_save')}_description").value == "my words"
    app.button(key=save).click().run()
    assert {label.name: label.description for label in project.schema().intents}["reserve"] == "my words"
    assert not clean(app).warning


def test_what_is_written_about_a_label_that_is_gone_is_shown(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    field, button = describe(app, "unused")
    project.remove_label("intent", "unused", "Bob")
    app.text_input(key=field).set_value("my words")
    app.button(key=button).click().run()
    assert "is gone" in clean(app).warning[0].value and "What it means: my words" in texts(app)
    assert app.selectbox(key="labels_name_intent").value is None
    assert not clean(app.run()).warning


def test_a_label_that_was_renamed_stays_chosen(app: AppTest, project: Project) -> None:
    section(app, "Labels")
    app.selectbox(key="labels_name_intent").select("book").run()
    app.text_input(key="rename_intent").set_value("reserve").run()
    app.button(key="rename_do").click().run()
    assert clean(app).selectbox(key="labels_name_intent").value == "reserve" and not app.warning
    app.selectbox(key="merge_intent").select("unused").run()
    app.button(key="merge_do").click().run()
    assert clean(app).selectbox(key="labels_name_intent").value == "unused" and not app.warning


def test_the_project_is_renamed(app: AppTest, project: Project) -> None:
    section(app, "Guidelines")
    app.text_input(key="project_new_name").set_value("flights")
    next(button for button in app.button if button.label == "Rename").click().run()
    assert clean(app) and project.info().name == "flights"


def test_history_shows_everybody_and_takes_back_ones_own(app: AppTest, project: Project) -> None:
    section(app, "History")
    assert app.text[0].value == "added the intent “unused”"
    assert "<b>Bob</b>" in list(app.dataframe[0].value["who"])
    app.button(key="history_undo").click().run()
    assert "unused" not in clean(app).session_state and "unused" not in project.schema().intent_names
    assert list(app.dataframe[0].value["taken back"]).count(True) == 1


def test_an_undo_that_somebody_overtook_is_explained(app: AppTest, project: Project) -> None:
    section(app, "History")
    project.save_label(Label("intent", "unused", "Bob's words"), "Bob")
    app.button(key="history_undo").click().run()
    assert app.error[0].value == "It could not be taken back." and "changed since" in app.code[0].value
