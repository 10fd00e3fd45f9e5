"""Examples from text files: what is held out, what a corpus cannot teach, and what is said of what it loses."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
from invented_corpus import prepare, settings, write_corpus

from jointbert.config import TextSource
from jointbert.errors import DataError
from jointbert.pretraining import documents as module
from jointbert.pretraining.documents import read_share
from jointbert.pretraining.examples import Examples, ReadDocuments, build_examples
from jointbert.pretraining.shards import build_shards
from jointbert.pretraining.sources import hold_out

ONE, TWO = "the rain falls on the town 1.", "the rain falls on the town 1. Clouds hide the sun today 2."


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return prepare(tmp_path)


def built(place: Path, documents: Sequence[str] | None = None, **changes: Any) -> Examples:
    """The examples of some documents, or of the invented corpus."""
    if documents is not None:
        (place / "corpus.txt").write_text("\n\n".join(documents) + "\n", encoding="utf-8")
    return build_examples(settings(place, **changes), str(place / "tokenizer"), place / "examples")


# what is held out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("documents", [4, 5, 201])
def test_a_few_documents_are_enough_for_pairs_with_the_default_share(place: Path, documents: int) -> None:
    write_corpus(place / "corpus.txt", documents)
    examples = built(place, corpus__held_out=0.005)
    assert len(examples.learned) == documents - 2
    assert len(examples.held_out) > 1 and len(examples.train) > 1


@pytest.mark.parametrize("share", [0.005, 0.01, 0.1, 0.5])
def test_more_documents_are_held_out_as_ever(share: float) -> None:
    for documents in (202, 203, 1000, 4321):
        assert (hold_out(documents, share, pairs=True) == hold_out(documents, share)).all()
        assert abs(hold_out(documents, share).sum() - share * documents) <= 1


def test_single_segments_need_one_document_of_each_kind(place: Path) -> None:
    assert built(place, [ONE, ONE], corpus__held_out=0.005, objective__nsp=False).learned.tolist() == [0]


# what cannot work ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        (
            [ONE] * 30,
            "corpus.sources: hold no document of two sentences among 30; expected documents of several sentences for "
            "next-sentence pairs. Give whole documents with blank lines between them, set document_lines on the source "
            "of a log, or set objective.nsp: false.",
        ),
        (
            [TWO] * 3,
            "corpus.sources: of 3 documents 1 are in the held-out part, and 1 of these have two sentences or more; "
            "expected two in each part, one of several sentences, for next-sentence pairs. Set a larger "
            "corpus.held_out, give more text, set document_lines on the source of a log, or set objective.nsp: false.",
        ),
        (
            [ONE if number in (8, 19) else TWO for number in range(20)],
            "of 20 documents 2 are in the held-out part, and 0 of these have two sentences or more; expected two in "
            "each part, one of several sentences, for next-sentence pairs. Set a larger corpus.held_out",
        ),
        (
            [ONE if number in (0, 2, 4, 5, 6, 7, 9, 11, 16, 18) else TWO for number in range(20)],
            "of 20 documents 10 are in the training part, and 0 of these have two sentences or more; expected two in "
            "each part, one of several sentences, for next-sentence pairs. Give more text, set document_lines",
        ),
    ],
)
def test_documents_that_make_no_pairs_are_refused_with_their_count(
    place: Path, documents: list[str], message: str
) -> None:
    """Every eighth document is of one shard, and one in so many is held out of the shards laid end to end."""
    share = 0.5 if "training part" in message else 0.1
    with pytest.raises(DataError) as caught:
        built(place, documents, corpus__held_out=share)
    assert message in str(caught.value)


# what is said -------------------------------------------------------------------------------------------------------


def test_nothing_is_said_of_a_corpus_that_is_right(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    built(place)
    built(place, [*[TWO] * 19, ONE], corpus__held_out=0.2)
    assert caplog.messages == []


def test_text_that_the_tokenizer_does_not_know_is_said_once(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    built(place, ["明天北京天气怎么样。帮我订一张票。"] * 30)
    assert caplog.messages == [
        "corpus.sources: 510 of 510 pieces (100.0%) are unknown to the tokenizer; expected at most 5%. Take a "
        "tokenizer, or a --from, for the text's language, or make one: jointbert tokenizer train."
    ]


def test_documents_of_one_sentence_are_counted(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    texts = [ONE] * 4 + [TWO] * 36
    built(place, texts)
    assert caplog.messages == [
        "corpus.sources: 4 of 40 documents (10.0%) have one sentence and make no pair; expected at most 5%. Part whole "
        "documents by blank lines, or set objective.nsp: false to learn from these, too."
    ]
    caplog.clear()
    built(place, texts, objective__nsp=False)
    assert caplog.messages == []


def test_a_document_without_end_is_cut_and_said_once(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Also where other processes read: what they log is logged here."""
    text = place / "corpus.txt"
    text.write_text("rain\n" * 10_001, encoding="utf-8")
    read = ReadDocuments([TextSource(path=str(text))], str(place / "tokenizer"), None, longest=16)
    documents = build_shards(place / "examples", "documents", read, processes=2)
    assert sorted(row["sentences"] for row in documents) == [1, 10_000]
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (
            logging.WARNING,
            f"{place}/corpus.txt:10001: a document goes on after 10,000 lines and is cut there; expected blank lines "
            "between documents. Set document_lines on this source, as for any log without blank lines.",
        )
    ]


def test_documents_are_cut_where_they_are_too_long_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 3)
    path = tmp_path / "log.txt"
    path.write_text("a\nb\nc\n\nd\ne\nf\ng\n\n", encoding="utf-8")
    found = [lines for _, lines in read_share([TextSource(path=str(path))], 0, 1)]
    assert found == [["a", "b", "c"], ["d", "e", "f"], ["g"]]
    assert [message.partition(": ")[0] for message in caplog.messages] == [f"{path}:8"]
    caplog.clear()
    found = [lines for _, lines in read_share([TextSource(path=str(path), document_lines=4)], 0, 1)]
    assert found == [["a", "b", "c"], ["d", "e", "f", "g"]]
    assert caplog.messages == []
