"""The page Review on a real store: disagreements settled, agreement told, models' doubts settled."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from visit import clean, texts, visit

from jointbert import Parse, Span, Utterance
from jointbert.annotation import Label, Project
from jointbert.annotation.run_folder import RESULT, RUN, SCORES, RunFolder
from jointbert.data.out_of_fold import OutOfFold, to_line

HOSTILE = "**bold** <script>alert(1)</script> :red[x] [a](b)"
TEXT = "fly from Rome to New York"
ROME, YORK, NEW_YORK = (9, 13), (21, 25), (17, 25)
AsMarkdown = Callable[[AppTest], str]


def span(slot: str, place: tuple[int, int], text: str = TEXT) -> Span:
    return Span.of(text, slot, *place)


@pytest.fixture
def project(workspace: Path) -> Project:
    """Two annotators with hostile names, three utterances: two in conflict, one not."""
    made: Project = importlib.import_module("desk").store().create_project("flights", who="Ada")
    hostile = f"{HOSTILE} \ud800"
    made.add(
        [
            Utterance(TEXT, "book", (span("from", ROME), span("to", NEW_YORK))),
            Utterance(hostile, HOSTILE),
            Utterance("hello", "book"),
        ],
        "<b>Ann</b>",
    )
    made.answer(1, "# Bob", "accepted", HOSTILE, (span("from", ROME), span("to", YORK)), note=HOSTILE)
    made.answer(2, "# Bob", "accepted", "book", (Span.of(hostile, "to", 0, 3),))
    made.answer(3, "# Bob", "accepted", "book", ())
    return made


def review(app: AppTest, tab: str = "Disagreements") -> AppTest:
    return visit(app, "review", review_tab=tab)


def test_what_differs_is_said_in_words(app: AppTest, project: Project) -> None:
    review(app)
    lines = [line for line in texts(app) if line.startswith("•")]
    assert lines == [
        f"• Intent: <b>Ann</b> says book; # Bob says {HOSTILE}",
        "• “New York”: <b>Ann</b> says to; # Bob says to for “York”",
    ]
    assert any(caption.value == "2 to decide" for caption in app.caption)


@pytest.mark.parametrize("tab", ["Disagreements", "Agreement", "Model against label"])
def test_users_words_are_no_markdown(app: AppTest, project: Project, as_markdown: AsMarkdown, tab: str) -> None:
    review(app, tab)
    if tab == "Disagreements":
        app.pagination(key="review_place").select(2).run()
    for part in ("script", ":red", "[a]", "<b>", "# Bob"):
        assert part not in as_markdown(clean(app))


def test_one_answer_is_chosen_and_the_next_disagreement_comes(app: AppTest, project: Project) -> None:
    review(app)
    app.button(key="use-1-1").click().run()
    decided = project.conflicts(decided=True)[0].decision
    assert decided is not None and (decided.annotator, decided.intent) == ("Ada", HOSTILE)
    assert [one.value for one in decided.spans] == ["Rome", "York"]
    assert any(caption.value == "1 to decide" for caption in clean(app).caption)
    app.button(key="use-2-0").click().run()
    assert clean(app).success[0].value == "No disagreement is left to decide."


def test_a_merge_starts_from_what_they_share(app: AppTest, project: Project) -> None:
    review(app)
    assert app.selectbox(key="merge-intent-1").value is None
    assert app.button(key="merge-save-1").disabled
    app.selectbox(key="merge-intent-1").select("book").run()
    app.button(key="merge-save-1").click().run()
    decided = project.conflicts(decided=True)[0].decision
    assert decided is not None and decided.intent == "book"
    assert [(one.slot, one.value) for one in decided.spans] == [("from", "Rome")]
    assert clean(app)


def test_what_was_chosen_for_a_merge_outlives_a_look_elsewhere(app: AppTest, project: Project) -> None:
    review(app)
    app.selectbox(key="merge-intent-1").select("book").run()
    app.pagination(key="review_place").select(2).run()
    app.pagination(key="review_place").select(1).run()
    assert clean(app).selectbox(key="merge-intent-1").value == "book"


def test_decided_ones_can_be_looked_at_and_changed(app: AppTest, project: Project) -> None:
    project.decide(1, "Eve", "book", ())
    app.session_state["review_decided"] = True
    review(app)
    assert "by Eve" in texts(app)
    app.button(key="use-1-0").click().run()
    assert clean(app) and project.conflicts(decided=True)[0].decision.annotator == "Ada"


def test_agreement_is_told_pair_by_pair(app: AppTest, project: Project) -> None:
    review(app, "Agreement")
    row = app.dataframe[0].value.iloc[0]
    assert {row["annotator"], row["and"]} == {"<b>Ann</b>", "# Bob"} and row["shared"] == 3
    assert row["slots (F1)"] == pytest.approx(0.4)
    assert any("How to read it" in part.value for part in app.markdown)


def test_agreement_needs_two_people(app: AppTest, workspace: Path) -> None:
    importlib.import_module("desk").store().create_project("alone", who="Ada")
    review(app, "Agreement")
    assert "No two people" in app.info[0].value and not app.dataframe


@pytest.mark.parametrize(
    ("kappa", "words"),
    [(None, "cannot be told"), (1.0, "almost perfect"), (0.6, "substantial"), (0.0, "slight"), (-0.2, "worse")],
)
def test_kappa_in_words(workspace: Path, kappa: float | None, words: str) -> None:
    assert importlib.import_module("agreement_view").in_words(kappa).startswith(words)


@pytest.fixture
def doubted(workspace: Path) -> Project:
    """Twenty labels, one of which models are sure is wrong."""
    made: Project = importlib.import_module("desk").store().create_project("doubts", who="Ada")
    names = ["book" if number % 2 else HOSTILE for number in range(20)]
    made.add([Utterance(f"text {number}", name) for number, name in enumerate(names)], "Ann")
    said = ["book" if number in (0, *range(1, 20, 2)) else HOSTILE for number in range(20)]
    other = {"book": HOSTILE, HOSTILE: "book"}
    made.add_suggestions(
        [
            (number + 1, Parse(f"text {number}", name, 0.95, ((name, 0.95), (other[name], 0.05))))
            for number, name in enumerate(said)
        ],
        "cross-validation",
        "1",
        kind="out_of_fold",
    )
    return made


def test_a_doubtful_label_stands_beside_what_the_model_says(
    app: AppTest, doubted: Project, as_markdown: AsMarkdown
) -> None:
    review(app, "Model against label")
    assert f"• Intent: the label says {HOSTILE}; the model says book" in texts(app)
    assert any("95% sure of the intent" in part.value for part in app.markdown)
    assert "script" not in as_markdown(app)


@pytest.mark.parametrize(("key", "intent"), [("keep_1", HOSTILE), ("take_1", "book")])
def test_a_doubt_is_settled(app: AppTest, doubted: Project, key: str, intent: str) -> None:
    review(app, "Model against label")
    app.button(key=key).click().run()
    assert clean(app) and doubted.labelled()[0].intent == intent
    assert doubted.label_errors() == []


def test_the_label_that_was_shown_is_kept_though_another_was_given_meanwhile(app: AppTest, doubted: Project) -> None:
    review(app, "Model against label")
    mine = doubted.item(1, "Ann").answer
    assert mine is not None
    doubted.answer(1, "Ann", "accepted", "book", (), version=mine.version)
    app.button(key="keep_1").click().run()
    assert clean(app) and doubted.labelled()[0].intent == HOSTILE


def test_without_a_run_the_page_says_what_it_would_do(app: AppTest, project: Project) -> None:
    review(app, "Model against label")
    assert "Nobody has looked yet" in app.info[0].value
    app.button(key="cv_start").click().run()
    assert app.error[0].value == "It could not be started." and "too few" in app.code[-1].value


def lay_cross_validation(workspace: Path, project: Project, state: str, said: str = "book") -> None:
    """A cross-validation's folder after its end; its models are sure that the first utterance is a booking."""
    path = workspace / "runs" / "20260101-000000-0001"
    path.mkdir(parents=True)
    folder = RunFolder(path)
    about = {"id": path.name, "project": project.id, "recipe": "smallest", "kind": "cv", "who": "Ada", "folds": 2}
    about |= {"started": datetime(2026, 1, 1, tzinfo=UTC).isoformat(), "sizes": {"train": 20}, "notes": []}
    folder.write(RUN, about)
    folder.write(RESULT, {"state": state, "message": HOSTILE, "seconds": 1.0})
    if state == "done":
        gold = project.labelled()
        names = [said if number == 0 else str(utterance.intent) for number, utterance in enumerate(gold)]
        parses = [Parse(one.text, name, 0.95, ((name, 0.95),)) for one, name in zip(gold, names, strict=True)]
        folder.write_parses(list(zip(gold, parses, strict=True)))
        folder.write(SCORES, {"dev": {}})


@pytest.fixture
def labelled(workspace: Path) -> Project:
    made: Project = importlib.import_module("desk").store().create_project("labelled", who="Ada")
    made.add([Utterance(f"text {number}", "book" if number % 2 else HOSTILE) for number in range(20)], "Ann")
    return made


def test_what_a_cross_validation_found_comes_into_the_queue_once(
    app: AppTest, workspace: Path, labelled: Project
) -> None:
    lay_cross_validation(workspace, labelled, "done")
    review(app, "Model against label")
    assert any(caption.value.startswith("1 doubtful label") for caption in app.caption)
    app.button(key="keep_1").click().run()
    assert clean(app).success[0].value == "No doubtful label is left."
    app.run()
    assert clean(app).success, "what was settled does not come back"


def test_a_rename_since_a_cross_validation_raises_no_doubts(app: AppTest, workspace: Path, labelled: Project) -> None:
    lay_cross_validation(workspace, labelled, "done")
    labelled.rename_label("intent", "book", "reserve", "Bob")
    review(app, "Model against label")
    assert any(caption.value.startswith("1 doubtful label") for caption in app.caption)
    assert f"• Intent: the label says {HOSTILE}; the model says reserve" in texts(app) and not app.warning
    app.button(key="take_1").click().run()
    assert clean(app) and labelled.labelled()[0].intent == "reserve"


def test_what_a_cross_validation_said_with_labels_that_are_gone_is_left_out(
    app: AppTest, workspace: Path, labelled: Project
) -> None:
    labelled.save_label(Label("intent", "old"), "Bob")
    lay_cross_validation(workspace, labelled, "done", said="old")
    labelled.remove_label("intent", "old", "Bob")
    review(app, "Model against label")
    assert "What the models said of 1 utterance is left out" in app.warning[0].value
    assert labelled.label_errors() == []
    app.run()
    assert clean(app).warning, "the next who looks is told, too"


def test_a_cross_validation_that_failed_says_why(
    app: AppTest, workspace: Path, labelled: Project, as_markdown: AsMarkdown
) -> None:
    lay_cross_validation(workspace, labelled, "failed")
    review(app, "Model against label")
    assert app.warning[0].value == "The last run did not finish." and HOSTILE in texts(app)
    assert "script" not in as_markdown(app)


def out_of_fold(texts: list[str], intent: str = "book") -> bytes:
    """The file of a cross-validation whose models are sure of one intent."""
    parses = [Parse(text, intent, 0.95, ((intent, 0.95),), frame_confidence=0.95) for text in texts]
    lines = [to_line(OutOfFold(Utterance(text, "book"), parse, 1)) for text, parse in zip(texts, parses, strict=True)]
    return "".join(lines).encode()


def test_what_the_command_line_found_comes_into_the_queue(app: AppTest, labelled: Project) -> None:
    review(app, "Model against label")
    assert app.button(key="out_of_fold_take").disabled
    content = out_of_fold(["text 0", "elsewhere", "text 1", "text 1"])
    app.file_uploader[0].upload("out_of_fold.jsonl", content).run()
    assert labelled.suggested_at("out_of_fold") is None, "nothing happens before the button"
    app.button(key="out_of_fold_take").click().run()
    assert clean(app).success[0].value == (
        "Taken in: what models say of 2 utterances. Not in this project, and left out: 1 line. "
        "Of an utterance that a later line is of, too: 1 line."
    )
    assert any(caption.value.startswith("1 doubtful label") for caption in app.caption)
    assert app.button(key="out_of_fold_take").disabled, "the uploader is empty again"
    app.button(key="keep_1").click().run()
    assert clean(app).success[0].value == "No doubtful label is left."


def test_a_file_that_is_something_else_is_refused_in_plain_text(
    app: AppTest, labelled: Project, as_markdown: AsMarkdown
) -> None:
    review(app, "Model against label")
    app.file_uploader[0].upload(f"{HOSTILE}.jsonl", b'{"text": "hi"}\n').run()
    app.button(key="out_of_fold_take").click().run()
    assert [error.value for error in app.error] == ["Nothing was taken in."]
    assert f'{HOSTILE}.jsonl:1: is no out-of-fold parse (the key "where" is missing)' in app.code[-1].value
    assert "script" not in as_markdown(app) and labelled.suggested_at("out_of_fold") is None


def test_an_upload_outlives_a_restart_though_the_app_has_looked_before_it(
    app: AppTest, workspace: Path, labelled: Project
) -> None:
    lay_cross_validation(workspace, labelled, "done")
    review(app, "Model against label")
    assert [error.utterance_id for error in labelled.label_errors()] == [1]
    texts = [f"text {number}" for number in range(20)]
    labelled.take_in_out_of_fold("out_of_fold.jsonl", out_of_fold(texts[::2], HOSTILE), "Ada")
    importlib.import_module("suspects")._taken.clear()  # as a restart of the server does
    app.run()
    assert clean(app).success[0].value == "No doubtful label is left." and labelled.label_errors() == []
