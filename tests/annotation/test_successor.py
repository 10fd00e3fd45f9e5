"""What became of a label: followed through renames, merges and what was taken back."""

from __future__ import annotations

from jointbert.annotation import Label, Project
from jointbert.utterance import Parse, Span, Utterance

TEXT = "fly to Rome"


def test_a_renamed_label_is_followed_from_name_to_name(project: Project) -> None:
    project.rename_label("intent", "book", "buy", "ann")
    project.rename_label("slot", "city", "book", "ann")
    project.rename_label("intent", "buy", "order", "bob")
    assert project.successor("intent", "book") == "order"
    assert project.successor("intent", "buy") == "order"
    assert project.successor("slot", "city") == "book"
    assert project.successor("intent", "city") is None


def test_a_rename_that_was_taken_back_leads_back(project: Project) -> None:
    project.rename_label("intent", "book", "buy", "ann")
    project.undo("ann")
    assert project.successor("intent", "buy") == "book"


def test_a_merged_label_is_followed_where_something_held_it(project: Project) -> None:
    project.add([Utterance(TEXT)], "ann")
    span = Span.of(TEXT, "city", 7, 11)
    project.add_suggestions([(1, Parse(TEXT, "book", 0.9, (("book", 0.9), ("cancel", 0.1)), (span,)))], "m", "1")
    project.merge_labels("intent", "book", "cancel", "ann")
    project.merge_labels("slot", "city", "date", "ann")
    project.rename_label("slot", "date", "when", "ann")
    assert project.successor("intent", "book") == "cancel"
    assert project.successor("slot", "city") == "when"


def test_a_label_that_is_gone_has_no_successor(project: Project) -> None:
    project.merge_labels("intent", "book", "cancel", "ann")
    project.remove_label("slot", "city", "ann")
    project.rename_label("slot", "date", "when", "ann")
    project.remove_label("slot", "when", "ann")
    assert project.successor("intent", "book") is None, "nothing held it: where it went is not told"
    assert project.successor("slot", "city") is None
    assert project.successor("slot", "date") is None
    assert project.successor("slot", "never") is None


def test_the_last_label_of_a_name_is_followed(project: Project) -> None:
    project.rename_label("intent", "book", "buy", "ann")
    project.save_label(Label("intent", "book"), "ann")
    project.rename_label("intent", "book", "order", "ann")
    assert project.successor("intent", "book") == "order"
    project.save_label(Label("intent", "book"), "ann")
    project.undo("ann")
    assert project.successor("intent", "book") is None
