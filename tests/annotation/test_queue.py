"""The queue: each order against what is known to come first, and what an annotator never gets."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import insert, update

from jointbert.annotation import ORDERS, Project, Store
from jointbert.annotation.queue import next_id
from jointbert.annotation.ranks import BATCH, batches
from jointbert.annotation.records import AnswerRecord, UtteranceRecord
from jointbert.errors import StoreError
from jointbert.utterance import Parse, Utterance


def shown(project: Project, who: str, order: str) -> list[int]:
    """The whole queue of somebody who answers nothing and goes on and on, until it starts over."""
    seen: list[int] = []
    item = project.next(who, order)
    while item is not None and item.id not in seen:
        seen.append(item.id)
        item = project.next(who, order, after=item.id)
    return seen


def done(project: Project, who: str, order: str) -> list[int]:
    """The order in which utterances come to somebody who answers each."""
    seen: list[int] = []
    while (item := project.next(who, order)) is not None:
        seen.append(item.id)
        project.answer(item.id, who, "accepted", "book")
    return seen


def set_column(project: Project, column: str, values: list[float | int | None]) -> None:
    with project._writing() as session:
        rows = [{"id": id, column: value} for id, value in enumerate(values, start=1)]
        session.execute(update(UtteranceRecord), rows)


@pytest.fixture
def five(project: Project) -> Project:
    project.add([Utterance(f"text {number}") for number in range(1, 6)], "ann")
    return project


def test_each_order_has_a_line_for_people() -> None:
    assert list(ORDERS) == ["plain", "uncertainty", "disagreement", "diversity", "label errors"]
    assert all(line.endswith(".") and len(line) < 120 for line in ORDERS.values())


@pytest.mark.parametrize(
    ("order", "column", "values", "expected"),
    [
        ("plain", "uncertainty", [0.1, 0.9, 0.5, None, 0.5], [1, 2, 3, 4, 5]),
        ("uncertainty", "uncertainty", [0.1, 0.9, 0.5, None, 0.5], [2, 3, 5, 1, 4]),
        ("disagreement", "disagreement", [None, 0.0, 1.0, None, 1.0], [3, 5, 2, 1, 4]),
        ("label errors", "suspicion", [None, None, None, 0.7, 0.8], [5, 4, 1, 2, 3]),
        ("diversity", "diversity_rank", [4, 0, 3, 1, 2], [2, 4, 5, 3, 1]),
    ],
)
def test_an_order_goes_by_its_rank_then_by_number(
    five: Project, order: str, column: str, values: list[float | int | None], expected: list[int]
) -> None:
    set_column(five, column, values)
    assert shown(five, "ann", order) == expected
    if column != "disagreement":  # that one moves with each answer
        assert done(five, "ann", order) == expected
        assert five.next("bob", order) is not None


@pytest.mark.parametrize("order", ORDERS)
def test_nobody_gets_what_they_have_finished_and_drafts_come_again(five: Project, order: str) -> None:
    for number, status in ((1, "accepted"), (2, "rejected"), (3, "skipped"), (4, "draft")):
        five.answer(number, "ann", status, "book" if status == "accepted" else None)
    assert sorted(shown(five, "ann", order)) == [4, 5]
    assert sorted(shown(five, "bob", order)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("order", ORDERS)
def test_behind_the_last_one_the_queue_starts_over_and_never_repeats_what_was_just_shown(
    five: Project, order: str
) -> None:
    queue = shown(five, "ann", order)
    again = five.next("ann", order, after=queue[-1])
    assert again is not None and again.id == queue[0]
    for number in queue[1:]:
        five.answer(number, "ann", "skipped")
    assert five.next("ann", order, after=queue[0]) is None
    assert five.next("ann", order) is not None


def test_an_empty_project_has_nothing_next(project: Project) -> None:
    assert [project.next("ann", order) for order in ORDERS] == [None] * 5


def test_an_unknown_order_is_refused(five: Project) -> None:
    with pytest.raises(StoreError, match=r"order: is 'random'; expected one of plain, uncertainty"):
        five.next("ann", "random")


def test_one_projects_queue_holds_nothing_of_another(store: Store, five: Project) -> None:
    other = store.create_project("other", who="ann")
    other.add([Utterance("text 1")], "ann")
    assert shown(other, "ann", "diversity") == [6]
    assert sorted(shown(five, "ann", "diversity")) == [1, 2, 3, 4, 5]


def test_after_an_answer_the_most_disputed_comes_next_wherever_the_answered_one_went(five: Project) -> None:
    set_column(five, "disagreement", [0.9, 0.8, 0.7, None, None])
    five.answer(1, "ann", "accepted", "book")  # the only reading: it is disputed no more, and stands last
    item = five.next("ann", "disagreement", after=1)
    assert item is not None and item.id == 2


def test_what_the_model_is_least_sure_of_comes_first(project: Project) -> None:
    sure = [0.9, 0.2, 0.6, 0.4]
    texts = ["fly to Rome", "play some jazz", "is it raining", "call my mother"]
    project.add([Utterance(text) for text in texts], "ann")
    pairs = [(id, Parse(text, "book", sure[id - 1], (("book", sure[id - 1]),))) for id, text in enumerate(texts, 1)]
    project.add_suggestions(pairs, "m", "1")
    assert shown(project, "ann", "uncertainty") == [2, 4, 3, 1]


def test_the_first_batch_of_uncertain_ones_is_no_pile_of_twins(project: Project) -> None:
    """100 near-twins the model is least sure of, and 60 texts of other kinds that it is nearly as unsure of."""
    twins = [f"turn the volume up to {number}" for number in range(100)]
    nouns = ("table", "flight", "taxi", "hotel", "nurse", "song")
    others = [
        f"{verb} {noun}" for noun in nouns for verb in ("book a", "cancel my", "where is my", "find a", "pay", "rate")
    ]
    texts = twins + others
    project.add([Utterance(text) for text in texts], "ann")
    parses = [Parse(text, "book", 0.1 if text in twins else 0.2, (("book", 0.2),)) for text in texts]
    project.add_suggestions(enumerate(parses, start=1), "m", "1")
    first = shown(project, "ann", "uncertainty")[:BATCH]
    assert sum(number > len(twins) for number in first) >= 15
    project.add_suggestions([(1, Parse(texts[0], "book", 0.99, (("book", 0.99),)))], "m", "2")
    assert shown(project, "ann", "uncertainty")[-1] == 1


def test_batches_take_each_row_once() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    texts = [f"text {a} {b}" for a, b in rng.integers(0, 30, (130, 2))]
    order = batches(rng.random(130), texts)
    assert sorted(order) == list(range(130))


def test_a_cross_section_comes_first_and_is_made_anew_when_many_are_added(project: Project) -> None:
    forms = ("fly to {}", "play {} on spotify", "what is the weather in {}")
    kinds = [form for form in forms for _ in range(20)]
    project.add([Utterance(form.format(f"place {n}")) for n, form in enumerate(kinds)], "ann")
    assert project.rank_diversity() is True
    assert project.rank_diversity() is False
    first = shown(project, "ann", "diversity")[:6]
    assert {kinds[number - 1] for number in first} == set(forms)
    project.add([Utterance("cancel my subscription please"), Utterance("is anybody there at all")], "ann")
    assert project.rank_diversity() is True
    assert set(shown(project, "ann", "diversity")[:20]) & {61, 62}


MANY = 50_000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """50,000 utterances with all ranks, of which "ann" has finished 40,000."""
    store = Store.open(tmp_path_factory.mktemp("queue") / "store.db")
    project = store.create_project("many", who="ann")
    rows = [
        {
            "project_id": project.id,
            "text": f"text {n}",
            "text_key": str(n),
            "split": "train",
            "uncertainty": (n * 7919 % MANY) / MANY,
            "disagreement": (n % 3) / 2,
            "suspicion": None if n % 10 else (n * 31 % MANY) / MANY,
            "diversity_rank": n * 104729 % MANY,
        }
        for n in range(MANY)
    ]
    answer = {"project_id": project.id, "annotator": "ann", "status": "accepted", "spans": [], "note": "", "version": 1}
    with project._writing() as session:
        session.execute(insert(UtteranceRecord), rows)
        session.execute(insert(AnswerRecord), [answer | {"utterance_id": n} for n in range(1, 40_001)])
    return project


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("who", ["ann", "bob"])
def test_the_next_of_50_000_is_found_within_50_ms_of_work(many: Project, order: str, who: str) -> None:
    def work() -> float:
        with many._reading() as session:
            start = time.process_time()  # what other processes do at the same time is not counted
            assert next_id(session, many.id, who, order) is not None
            return time.process_time() - start

    assert min(work() for _ in range(5)) < 0.05
