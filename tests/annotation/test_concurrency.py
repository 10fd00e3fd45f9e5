"""Many threads in two processes, and a writer that is killed: nothing fails, nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from jointbert.annotation import Project, Store
from jointbert.errors import StoreError
from jointbert.utterance import Utterance

WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from jointbert.annotation import Store

where, project_id, who, each = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
with Store.open(where) as store:
    project = store.project(project_id)
    ids = [item.id for item in project.find(limit=each)]

    def work(thread):
        for id in ids:
            saved = project.answer(id, f"{who} {thread}", "draft", "book")
            project.answer(id, f"{who} {thread}", "accepted", "book", (), saved.version)
            project.progress(f"{who} {thread}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
print("done")
"""


def test_two_processes_of_eight_threads_each_never_fail(project: Project, where: str) -> None:
    each = 2
    project.add([Utterance(f"text {n}") for n in range(each)], "ann")
    call = [sys.executable, "-c", WRITER, where, str(project.id)]
    writers = [subprocess.Popen([*call, who, str(each)], stdout=subprocess.PIPE, text=True) for who in ("ann", "bob")]
    assert [writer.communicate(timeout=240)[0] for writer in writers] == ["done\n", "done\n"]
    assert len(project.annotators()) == 16
    for annotator in project.annotators():
        assert project.progress(annotator).accepted == each
    assert len([event for event in project.events(1000) if event.action == "answer"]) == 16 * each


UNTIL_KILLED = """
import sys
from jointbert.annotation import Store

where, project_id = sys.argv[1], int(sys.argv[2])
with Store.open(where) as store:
    project = store.project(project_id)
    for item in project.find(limit=10_000):
        saved = project.answer(item.id, "ann", "accepted", "book", (), 0, f"note {item.id}")
        print(saved.utterance_id, flush=True)
"""


def test_every_answer_that_was_acknowledged_outlives_a_kill(project: Project, where: str) -> None:
    project.add([Utterance(f"text {n}") for n in range(2000)], "ann")
    call = [sys.executable, "-c", UNTIL_KILLED, where, str(project.id)]
    writer = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    seen = [int(writer.stdout.readline()) for _ in range(25)]
    os.kill(writer.pid, signal.SIGKILL)
    seen += [int(line) for line in writer.stdout.read().splitlines() if line.strip()]
    assert writer.wait() == -signal.SIGKILL
    with Store.open(where) as store:
        again = store.project(project.id)
        for id in seen:
            answer = again.item(id, "ann").answer
            assert answer is not None and (answer.status, answer.note) == ("accepted", f"note {id}")
        kept = again.progress("ann").accepted
        assert kept in (len(seen), len(seen) + 1), "at most the one that was under way is there besides"
        answered = [event for event in again.events(5000) if event.action == "answer"]
        assert len(answered) == kept, "an answer and its event are kept together or not at all"
        again.answer(seen[-1], "bob", "accepted", "book")


def test_of_many_who_add_the_same_texts_at_once_each_text_is_kept_once(project: Project) -> None:
    texts = [Utterance(f"text {n}", "book") for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda n: project.add(texts, f"ann {n}"), range(8)))
    assert sum(one.new for one in added) == 20 == project.count()
    assert sum(one.known for one in added) == 7 * 20
    assert all(one.answers == 20 for one in added)


def test_of_many_who_make_a_project_of_one_name_one_succeeds(store: Store) -> None:
    def make(_: int) -> str:
        try:
            return store.create_project("flights").info().name
        except StoreError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        made = sorted(pool.map(make, range(8)))
    assert made.count("flights") == 1
    assert [said for said in made if said != "flights"] == [
        "project 'flights': exists already; expected another name. Open it, or choose another name."
    ] * 7


def test_of_many_undos_at_once_each_event_is_taken_back_once(project: Project) -> None:
    project.add([Utterance(f"text {n}") for n in range(4)], "ann")
    for item in project.find():
        project.answer(item.id, "ann", "accepted", "book")
    with ThreadPoolExecutor(8) as pool:
        undone = list(pool.map(lambda _: project.undo("ann"), range(8)))
    assert sum(event is not None for event in undone) == 4
    assert project.progress("ann").untouched == 4


def test_readers_see_one_state_while_somebody_writes(project: Project) -> None:
    def total(_: int) -> tuple[int, int]:
        progress = project.progress()
        return progress.total, progress.accepted + progress.untouched

    with ThreadPoolExecutor(4) as pool:
        writing = [
            pool.submit(project.add, [Utterance(f"{n} {m}", "book") for m in range(50)], "ann") for n in range(4)
        ]
        seen = list(pool.map(total, range(20)))
        for one in writing:
            one.result()
    assert all(whole == parts for whole, parts in seen)
    assert {whole % 50 for whole, _ in seen} == {0}


def test_a_writer_that_fails_leaves_nothing_behind(project: Project) -> None:
    with pytest.raises(StoreError, match="intent: the name is"):
        project.add([Utterance("fine", "book"), Utterance("not", "a\nb")], "ann")
    assert project.count() == 0 and project.schema().intent_names == ("book", "cancel")
