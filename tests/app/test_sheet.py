"""The annotator's sheet on a real store: what it begins with, what it saves, and where it goes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jointbert import Parse, Span, StoreError, Utterance
from jointbert.annotation import Label, Project, Schema, Store

TEXTS = ("fly to Boston", "hello", "fly to Rome today")
SCHEMA = Schema((Label("intent", "book"), Label("intent", "greet")), (Label("slot", "city"), Label("slot", "day")))


@pytest.fixture
def module(workspace: Path) -> ModuleType:
    return importlib.import_module("sheet")


@pytest.fixture
def project(workspace: Path) -> Iterator[Project]:
    with Store.open(workspace / "jointbert.db") as store:
        made = store.create_project("flights", schema=SCHEMA, who="ann")
        made.add([Utterance(text) for text in TEXTS], "ann")
        yield made


@pytest.fixture
def sheet(module: ModuleType, project: Project) -> object:
    made = module.Sheet(project, "ann")
    made.refresh()
    return made


def city(text: str = TEXTS[0], start: int = 7, end: int = 13) -> Span:
    return Span.of(text, "city", start, end)


def answer_of(project: Project, number: int, who: str = "ann") -> tuple[str, str | None] | None:
    found = project.item(number, who).answer
    return None if found is None else (found.status, found.intent)


def test_it_begins_with_the_first_utterance_and_an_empty_page(module: ModuleType, sheet: object) -> None:
    assert sheet.item.text == TEXTS[0]
    assert sheet.laid == module.Work()
    assert not sheet.suggested
    assert sheet.progress.total == 3


def test_a_suggestion_is_filled_in_and_strange_labels_are_named(project: Project, module: ModuleType) -> None:
    spans = (Span.of(TEXTS[2], "city", 7, 11, confidence=0.9), Span.of(TEXTS[2], "when", 12, 17, confidence=0.8))
    project.add_suggestions([(3, Parse(TEXTS[2], "fly", 0.7, (("fly", 0.7), ("book", 0.3)), spans))], "m", "1", "model")
    sheet = module.Sheet(project, "ann")
    sheet.go(3)
    assert sheet.suggested
    assert sheet.laid.intent is None
    assert [span.slot for span in sheet.laid.spans] == ["city"]
    assert sheet.unknown == ("fly", "when")


def test_accept_saves_and_moves_on(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.act("accept", module.Work("book", (city(),), "a remark"))
    assert sheet.item.text == TEXTS[1]
    assert answer_of(project, 1) == ("accepted", "book")
    assert project.item(1, "ann").answer.note == "a remark"
    assert project.item(1, "ann").answer.spans == (city(),)
    assert sheet.progress.accepted == 1


def test_accept_without_an_intent_asks_for_one(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.act("accept", module.Work(None, (city(),)))
    assert sheet.notice.startswith("Choose an intent first")
    assert sheet.item.text == TEXTS[0]
    assert answer_of(project, 1) is None


def test_an_edit_is_kept_as_a_draft_at_once_and_only_once(project: Project, module: ModuleType, sheet: object) -> None:
    work = module.Work("book", (city(),))
    assert sheet.keep(work)
    assert not sheet.keep(work)
    assert answer_of(project, 1) == ("draft", "book")
    assert len(project.events(who="ann", utterance_id=1)) == 1


def test_an_untouched_page_saves_nothing(project: Project, module: ModuleType, sheet: object) -> None:
    assert not sheet.keep(module.Work())
    sheet.act("next", module.Work())
    assert sheet.item.text == TEXTS[1]
    assert answer_of(project, 1) is None


def test_next_and_previous_keep_what_was_typed(project: Project, module: ModuleType, sheet: object) -> None:
    assert not sheet.can_go_back
    sheet.act("next", module.Work("book"))
    assert answer_of(project, 1) == ("draft", "book")
    sheet.act("previous", module.Work())
    assert sheet.item.text == TEXTS[0]
    assert sheet.laid.intent == "book"
    assert not sheet.can_go_back


def test_rejecting_an_untouched_suggestion_does_not_sign_it(project: Project, module: ModuleType) -> None:
    project.add_suggestions([(1, Parse(TEXTS[0], "book", 0.9, (("book", 0.9), ("greet", 0.1))))], "m", "1", "model")
    sheet = module.Sheet(project, "ann")
    sheet.refresh()
    sheet.act("reject", sheet.laid)
    assert answer_of(project, 1) == ("rejected", None)


def test_undo_takes_back_the_answer_and_returns_to_it(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.act("accept", module.Work("book"))
    sheet.act("accept", module.Work("greet"))
    sheet.act("undo", module.Work())
    assert sheet.item.text == TEXTS[1]
    assert answer_of(project, 2) is None
    sheet.act("undo", module.Work())
    assert sheet.item.text == TEXTS[0]
    assert "fly to Boston" in sheet.taken_back
    assert sheet.progress.accepted == 0


def test_undo_with_nothing_to_take_back_says_so(module: ModuleType, project: Project) -> None:
    sheet = module.Sheet(project, "bo")
    sheet.refresh()
    sheet.act("undo", module.Work())
    assert sheet.notice == "There is nothing to take back."


def test_after_the_last_one_the_skipped_over_come_again_and_then_the_end(module: ModuleType, sheet: object) -> None:
    sheet.act("next", module.Work())
    for _ in range(2):
        sheet.act("accept", module.Work("greet"))
    assert sheet.item.text == TEXTS[0]
    sheet.act("skip", module.Work())
    assert sheet.item is None
    assert sheet.can_go_back


def test_another_window_in_between_is_a_clash_and_nothing_is_lost(
    project: Project, module: ModuleType, sheet: object
) -> None:
    project.answer(1, "ann", "accepted", "greet", ())
    sheet.act("accept", module.Work("book", (city(),)))
    assert (sheet.clash.mine.intent, sheet.clash.theirs.intent) == ("book", "greet")
    assert sheet.item.text == TEXTS[0]
    assert not sheet.keep(module.Work("book", (), "typed on")), "a clash is settled first"


@pytest.mark.parametrize(("mine", "kept"), [(True, "book"), (False, "greet")])
def test_a_clash_is_settled_by_choice(
    project: Project, module: ModuleType, sheet: object, mine: bool, kept: str
) -> None:
    project.answer(1, "ann", "accepted", "greet", ())
    sheet.act("accept", module.Work("book"))
    sheet.settle(mine)
    assert sheet.clash is None
    assert answer_of(project, 1) == ("accepted", kept)
    assert sheet.item.id == (2 if mine else 1)


def test_an_answer_taken_back_elsewhere_is_saved_anew(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.keep(module.Work("book"))
    project.undo("ann")
    sheet.act("accept", module.Work("book"))
    assert answer_of(project, 1) == ("accepted", "book")


def test_going_to_an_utterance_that_is_not_there_is_an_error(sheet: object) -> None:
    with pytest.raises(StoreError):
        sheet.go(999)
    assert sheet.item.text == TEXTS[0]


def test_another_order_starts_over_and_one_can_go_back(module: ModuleType, project: Project, sheet: object) -> None:
    sheet.act("next", module.Work())
    sheet.reorder("plain")
    assert sheet.item.text == TEXTS[0]
    assert sheet.can_go_back


def test_new_labels_are_there_when_the_page_is_opened_again(project: Project, sheet: object) -> None:
    project.save_label(Label("intent", "cancel"), "bo")
    sheet.refresh()
    assert "cancel" in sheet.schema.intent_names


def test_a_clash_waits_until_it_is_settled(project: Project, module: ModuleType, sheet: object) -> None:
    project.answer(1, "ann", "accepted", "greet", ())
    sheet.keep(module.Work("book"))
    sheet.refresh()
    sheet.go(2)
    assert sheet.clash.mine.intent == "book"
    assert sheet.item.id == 1


def test_my_draft_that_won_a_clash_is_what_stands_on_the_page(
    project: Project, module: ModuleType, sheet: object
) -> None:
    project.answer(1, "ann", "accepted", "greet", ())
    sheet.keep(module.Work("book", (city(),), "mine"))
    sheet.settle(mine=True)
    assert sheet.laid == module.Work("book", (city(),), "mine")
    assert answer_of(project, 1) == ("draft", "book")


@pytest.mark.parametrize("action", ["next", "previous", "undo"])
def test_a_clash_that_a_button_finds_is_on_the_page_with_what_was_typed(
    project: Project, module: ModuleType, sheet: object, action: str
) -> None:
    sheet.act("next", module.Work())
    project.answer(2, "ann", "rejected")
    sheet.act(action, module.Work("greet", (), "precious words"))
    assert sheet.item.id == 2
    assert sheet.clash.mine == module.Work("greet", (), "precious words")
    assert answer_of(project, 2) == ("rejected", None)


@pytest.mark.parametrize("action", ["next", "previous", "undo", "accept"])
def test_a_button_pressed_twice_does_not_end_a_clash(
    project: Project, module: ModuleType, sheet: object, action: str
) -> None:
    sheet.act("next", module.Work())
    project.answer(2, "ann", "rejected")
    sheet.keep(module.Work("greet"))
    sheet.act(action, module.Work("book"))
    assert (sheet.item.id, sheet.clash.mine.intent) == (2, "greet")
    assert answer_of(project, 2) == ("rejected", None)


def test_another_order_waits_for_a_clash(project: Project, module: ModuleType, sheet: object) -> None:
    project.answer(1, "ann", "accepted", "greet", ())
    sheet.keep(module.Work("book", (), "mine"))
    sheet.reorder("uncertainty")
    assert (sheet.order, sheet.item.id, sheet.clash.mine.note) == ("uncertainty", 1, "mine")


def test_a_clash_stays_when_my_answer_cannot_be_saved(
    project: Project, module: ModuleType, sheet: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.answer(1, "ann", "accepted", "greet", ())
    sheet.keep(module.Work("book", (), "mine"))

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("the store", "is full")

    with monkeypatch.context() as patched:
        patched.setattr(Project, "answer", refuse)
        with pytest.raises(StoreError, match="is full"):
            sheet.settle(mine=True)
    assert sheet.clash.mine.note == "mine"
    sheet.settle(mine=True)
    assert sheet.clash is None and answer_of(project, 1) == ("draft", "book")


def test_a_clash_with_an_answer_that_was_changed_again_shows_the_new_one(
    project: Project, module: ModuleType, sheet: object
) -> None:
    theirs = project.answer(1, "ann", "accepted", "greet", ())
    sheet.keep(module.Work("book", (), "mine"))
    project.answer(1, "ann", "rejected", version=theirs.version)
    sheet.settle(mine=True)
    assert (sheet.clash.mine.note, sheet.clash.theirs.status) == ("mine", "rejected")


def test_a_clash_is_settled_under_the_names_of_now(project: Project, module: ModuleType, sheet: object) -> None:
    project.answer(1, "ann", "rejected")
    sheet.keep(module.Work("book", (), "mine"))
    project.rename_label("intent", "book", "book_flight", "bo")
    sheet.settle(mine=True)
    assert sheet.clash is None and answer_of(project, 1) == ("draft", "book_flight")
    assert sheet.laid.note == "mine"


@pytest.mark.parametrize(("action", "status"), [("accept", "accepted"), ("reject", "rejected"), ("next", "draft")])
def test_a_label_renamed_meanwhile_is_saved_under_its_new_name(
    project: Project, module: ModuleType, sheet: object, action: str, status: str
) -> None:
    project.rename_label("intent", "book", "book_flight", "bo")
    project.rename_label("slot", "city", "place", "bo")
    sheet.act(action, module.Work("book", (city(),), "a note"))
    found = project.item(1, "ann").answer
    assert (found.status, found.intent, found.note) == (status, "book_flight", "a note")
    assert [(span.slot, span.value) for span in found.spans] == [("place", "Boston")]
    assert sheet.item.id == 2
    assert sheet.renamed == (("book", "book_flight"), ("city", "place"))
    assert "book_flight" in sheet.schema.intent_names
    sheet.act("next", module.Work())
    assert sheet.renamed == ()


def test_a_label_merged_meanwhile_is_saved_as_the_other_one(
    project: Project, module: ModuleType, sheet: object
) -> None:
    project.answer(2, "bo", "accepted", "book")
    project.merge_labels("intent", "book", "greet", "bo")
    sheet.act("accept", module.Work("book"))
    assert answer_of(project, 1) == ("accepted", "greet")
    assert sheet.renamed == (("book", "greet"),)


def test_what_stands_under_a_removed_label_is_left_out_and_said(
    project: Project, module: ModuleType, sheet: object
) -> None:
    project.remove_label("slot", "city", "bo")
    sheet.act("accept", module.Work("book", (city(),), "a note"))
    assert sheet.item.id == 1, "what was accepted is not what is left"
    assert sheet.gone == ("city",) and sheet.notice.startswith("It was kept as a draft")
    assert sheet.laid == module.Work("book", (), "a note")
    assert answer_of(project, 1) == ("draft", "book")
    sheet.act("accept", sheet.laid)
    assert answer_of(project, 1) == ("accepted", "book")
    assert (sheet.item.id, sheet.gone) == (2, ())


@pytest.mark.parametrize("action", ["next", "previous", "reject", "skip"])
def test_a_removed_label_holds_nobody_back(project: Project, module: ModuleType, sheet: object, action: str) -> None:
    sheet.act("next", module.Work())
    project.remove_label("intent", "book", "bo")
    sheet.act(action, module.Work("book", (), "typed"))
    assert sheet.item.id != 2
    assert project.item(2, "ann").answer.note == "typed"
    assert sheet.gone == ("book",)


def test_an_edit_kept_under_a_new_name_stands_on_the_page(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.keep(module.Work("book", (city(),)))
    project.rename_label("intent", "book", "book_flight", "bo")
    before = sheet.revision
    assert sheet.keep(module.Work("book", (city(),), "typed on"))
    assert sheet.clash is None, "the draft is the annotator's own under another name"
    assert sheet.revision > before
    assert sheet.laid == sheet.saved == module.Work("book_flight", (city(),), "typed on")
    assert not sheet.keep(sheet.laid)
    assert project.item(1, "ann").answer.note == "typed on"


def test_a_rename_of_what_i_saved_is_nobody_elses_answer(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.keep(module.Work("book"))
    project.rename_label("intent", "book", "book_flight", "bo")
    sheet.act("accept", module.Work("greet"))
    assert sheet.clash is None
    assert answer_of(project, 1) == ("accepted", "greet")


def test_a_rename_and_another_answer_are_a_clash(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.keep(module.Work("book"))
    project.rename_label("intent", "book", "book_flight", "bo")
    project.answer(1, "ann", "accepted", "greet", version=2)
    sheet.act("accept", module.Work("book"))
    assert (sheet.clash.mine.intent, sheet.clash.theirs.intent) == ("book_flight", "greet")


def test_another_trouble_than_a_label_is_said_as_it_is(project: Project, module: ModuleType, sheet: object) -> None:
    spans = (city(), Span.of(TEXTS[0], "day", 7, 10))
    with pytest.raises(StoreError, match="overlap"):
        sheet.act("accept", module.Work("book", spans))
    assert answer_of(project, 1) is None and sheet.item.id == 1


def test_a_suggestion_under_a_name_of_now_is_known(project: Project, module: ModuleType, sheet: object) -> None:
    parse = Parse(TEXTS[1], "greet", 0.9, (("greet", 0.9), ("book", 0.1)))
    project.add_suggestions([(2, parse)], "m", "1", "model")
    project.rename_label("intent", "greet", "hello", "bo")
    sheet.act("next", module.Work())
    assert (sheet.laid.intent, sheet.unknown) == ("hello", ())


def test_undo_keeps_what_was_not_saved_yet_and_says_so(project: Project, module: ModuleType, sheet: object) -> None:
    sheet.act("accept", module.Work("book"))
    sheet.act("undo", module.Work("greet", (), "precious words"))
    assert sheet.item.id == 2 and sheet.notice.startswith("What you have just changed here is kept")
    assert project.item(2, "ann").answer.note == "precious words"
    assert answer_of(project, 1) == ("accepted", "book")
    sheet.act("undo", module.Work("greet", (), "precious words"))
    assert (sheet.item.id, answer_of(project, 2)) == (2, None)
    assert "hello" in sheet.taken_back
    sheet.act("undo", sheet.laid)
    assert (sheet.item.id, answer_of(project, 1)) == (1, None)


def test_a_decision_is_at_hand(project: Project, sheet: object) -> None:
    assert sheet.decided is None
    project.answer(1, "ann", "accepted", "book")
    project.decide(1, "eve", "greet")
    sheet.go(1)
    assert (sheet.decided.annotator, sheet.decided.intent) == ("eve", "greet")
    sheet.go(2)
    assert sheet.decided is None
