"""Label errors: planted ones are found, in the right order, in words; what people settled does not come again."""

from __future__ import annotations

from jointbert.annotation import Project
from jointbert.utterance import Parse, Span, Utterance


def noisy(project: Project) -> None:
    """Twelve texts to book, twelve to cancel; the labels of 3 and 20 are wrong, and models say so."""
    texts = [f"book {n}" for n in range(1, 13)] + [f"cancel {n}" for n in range(13, 25)]
    right = ["book"] * 12 + ["cancel"] * 12
    wrong = {3: "cancel", 20: "book"}
    sure = {3: 0.99, 20: 0.95}
    project.add([Utterance(text, wrong.get(n, right[n - 1])) for n, text in enumerate(texts, 1)], "ann")
    pairs = []
    for n, text in enumerate(texts, 1):
        best = right[n - 1]
        rest = "book" if best == "cancel" else "cancel"
        p = sure.get(n, 0.9)
        pairs.append((n, Parse(text, best, p, ((best, p), (rest, 1 - p)))))
    project.add_suggestions(pairs, "cv", "1", kind="out_of_fold")


def test_planted_errors_are_found_the_most_suspicious_first(project: Project) -> None:
    noisy(project)
    found = project.label_errors()
    assert [error.utterance_id for error in found] == [3, 20]
    assert found[0].what == "the model says book with 0.99, the label says cancel"
    assert (found[0].text, found[0].gold.intent, found[0].suggestion.intent) == ("book 3", "cancel", "book")
    assert [error.utterance_id for error in project.label_errors(limit=1)] == [3]
    first = project.next("bob", "label errors")
    assert first is not None and first.id == 3


def test_what_is_corrected_or_decided_does_not_come_again(project: Project) -> None:
    noisy(project)
    answer = project.item(3, "ann").answer
    assert answer is not None
    project.answer(3, "ann", "accepted", "book", version=answer.version)
    assert [error.utterance_id for error in project.label_errors()] == [20]
    project.decide(20, "bob", "book")
    assert project.label_errors() == []
    kept = [(20, Parse("cancel 20", "cancel", 0.95, (("cancel", 0.95), ("book", 0.05))))]
    project.add_suggestions(kept, "cv", "2", kind="out_of_fold")
    assert project.label_errors() == []


def test_what_models_suggest_to_annotators_accuses_nobody(project: Project) -> None:
    project.add([Utterance("book 1", "cancel"), Utterance("book 2", "book")], "ann")
    pairs = [(n, Parse(f"book {n}", "book", 0.99, (("book", 0.99), ("cancel", 0.01)))) for n in (1, 2)]
    project.add_suggestions(pairs, "m", "1")
    assert project.label_errors() == []


def test_an_utterance_without_gold_has_no_label_error(project: Project) -> None:
    noisy(project)
    project.answer(3, "bob", "accepted", "book")
    assert [error.utterance_id for error in project.label_errors()] == [20]


def test_undo_brings_a_doubt_back(project: Project) -> None:
    noisy(project)
    project.decide(3, "bob", "cancel")
    assert [error.utterance_id for error in project.label_errors()] == [20]
    project.undo("bob")
    assert [error.utterance_id for error in project.label_errors()] == [3, 20]
    project.answer(3, "ann", "draft", "cancel", note="hm", version=1)
    assert [error.utterance_id for error in project.label_errors()] == [20]
    project.undo("ann")
    assert [error.utterance_id for error in project.label_errors()] == [3, 20]
    project.merge_labels("intent", "cancel", "book", "ann")
    assert project.label_errors() == []
    project.undo("ann")
    assert [error.utterance_id for error in project.label_errors()] == [3, 20]


def test_a_label_that_is_accepted_again_is_doubted_again(project: Project) -> None:
    noisy(project)
    version = project.answer(3, "ann", "draft", "book", version=1).version
    project.answer(3, "ann", "accepted", "cancel", version=version)
    assert [error.utterance_id for error in project.label_errors()] == [3, 20]


def test_a_doubt_that_was_settled_leaves_no_score_behind(project: Project) -> None:
    """Models that never find a span say nothing against it; only the intent was doubtful."""
    texts = ["fly to Rome", *(f"fly to Oslo {number}" for number in range(4))]
    city = [Span.of(text, "city", 7, 11) for text in texts]
    intents = ["cancel", "book", "book", "book", "book"]
    rows = zip(texts, intents, city, strict=True)
    project.add([Utterance(text, intent, (span,)) for text, intent, span in rows], "ann")
    ranking = (("book", 0.97), ("cancel", 0.01))
    said = [Parse(text, "book", 0.97, ranking, frame_confidence=0.9) for text in texts]
    project.add_suggestions(enumerate(said, 1), "cv", "1", kind="out_of_fold")
    assert [error.utterance_id for error in project.label_errors()] == [1]
    project.answer(1, "ann", "accepted", "book", city[:1], version=1)
    assert project.label_errors() == []


def test_undo_brings_a_doubt_about_a_span_back_as_it_was(project: Project) -> None:
    """How doubtful a span is that a model does not find depends on how often it finds others of its slot."""
    texts = [f"to Rome {number}" for number in range(1, 6)]
    city = [Span.of(text, "city", 3, 7) for text in texts]
    project.add([Utterance(text, "book", (span,)) for text, span in zip(texts, city, strict=True)], "ann")
    said = [Parse(text, "book", 1.0, (("book", 1.0),), (span,)) for text, span in zip(texts, city, strict=True)]
    said[0] = Parse(texts[0], "book", 1.0, (("book", 1.0),), frame_confidence=0.7)
    project.add_suggestions(enumerate(said, 1), "cv", "1", kind="out_of_fold")
    [before] = project.label_errors()
    assert before.utterance_id == 1
    project.decide(1, "bob", "book")
    assert project.label_errors() == []
    project.undo("bob")
    assert project.label_errors() == [before]
    first = project.next("bob", "label errors")
    assert first is not None and first.id == 1
    project.answer(1, "ann", "accepted", "cancel", city[:1], version=1)
    assert [error.utterance_id for error in project.label_errors()] == [1], "the span is doubted still"
