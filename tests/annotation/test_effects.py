"""What a change would do, asked before it is done."""

from __future__ import annotations

from pathlib import Path

from jointbert.annotation import Label, Store, undoable, usage
from jointbert.utterance import Span, Utterance

TEXT = "fly to Boston"


def test_usage_counts_the_answers_and_decisions_that_hold_a_label(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as store:
        project = store.create_project("flights", who="ann")
        project.save_label(Label("slot", "unused"), "ann")
        project.add([Utterance(TEXT, "book", (Span.of(TEXT, "city", 7, 13),)), Utterance("hi", "greet")], "ann")
        project.decide(1, "eve", "book", ())
        assert (usage(project, "intent", "book"), usage(project, "slot", "city")) == (2, 1)
        assert usage(project, "slot", "unused") == 0


def test_undoable_names_what_undo_takes_back(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as store:
        project = store.create_project("flights", who="ann")
        assert undoable(project, "ann") is None
        project.save_label(Label("intent", "greet"), "ann")
        project.add([Utterance("hi")], "ann")
        named = undoable(project, "ann")
        assert named is not None and named.about == "added the intent “greet”"
        assert undoable(project, "bob") is None
        taken = project.undo("ann")
        assert taken is not None and named.about in taken.about
        assert undoable(project, "ann") is None
