"""The exception tree and the shape of every message."""

from __future__ import annotations

import pickle

import pytest

from jointbert import errors
from jointbert.errors import DataError, EditConflictError, JointBertError, MissingExtraError, ServerError


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("a:1", "is odd"), "a:1: is odd."),
        (("a:1", "is odd", "even"), "a:1: is odd; expected even."),
        (("a:1", "is odd", "even", "Mend it."), "a:1: is odd; expected even. Mend it."),
        (("a:1", "is odd", None, "Mend it."), "a:1: is odd. Mend it."),
        (("a:1", "is odd.", None, ""), "a:1: is odd."),
    ],
)
def test_where_what_expected_next_step(parts: tuple[str, ...], message: str) -> None:
    error = JointBertError(*parts)
    assert str(error) == message
    assert (error.where, error.what) == parts[:2]


def test_the_tree() -> None:
    tree = {
        name: kind.__mro__[1].__name__
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, JointBertError)
    }
    assert tree == {
        "JointBertError": "Exception",
        "DataError": "JointBertError",
        "AlignmentError": "DataError",
        "DownloadError": "DataError",
        "ConfigError": "JointBertError",
        "ModelError": "JointBertError",
        "StoreError": "JointBertError",
        "EditConflictError": "StoreError",
        "ServerError": "JointBertError",
        "MissingExtraError": "JointBertError",
    }


def test_a_missing_extra_says_how_to_install_it() -> None:
    error = MissingExtraError("app", "the annotation app")
    message = (
        "the annotation app: the optional part 'app' is not installed. Install it with: pip install 'jointbert[app]'"
    )
    assert str(error) == message and error.extra == "app"


@pytest.mark.parametrize(
    "error", [DataError("seq.in:3", "is wrong", "right", "Mend it."), MissingExtraError("app", "the app")]
)
def test_an_error_crosses_processes_with_its_message(error: JointBertError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)


def test_a_conflict_carries_the_other_state_between_processes() -> None:
    error = EditConflictError("utterance 3", "was changed by 'eve'", None, "Look at theirs.", ("book", 2))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.theirs) == ("utterance 3: was changed by 'eve'. Look at theirs.", ("book", 2))


def test_a_servers_error_carries_its_status_between_processes() -> None:
    again = pickle.loads(pickle.dumps(ServerError("http://h/parse", "the queue is full", None, "Wait.", 429)))
    assert (str(again), again.status) == ("http://h/parse: the queue is full. Wait.", 429)
