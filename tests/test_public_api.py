"""The public surface: what a user may import, written down once more so that a change is meant."""

from __future__ import annotations

import pytest

import jointbert

PUBLIC = [
    "NLU",
    "AlignmentError",
    "ConfigError",
    "DataError",
    "DownloadError",
    "EditConflictError",
    "Encoder",
    "JointBertError",
    "MissingExtraError",
    "ModelError",
    "Parse",
    "ServerError",
    "Span",
    "StoreError",
    "Utterance",
    "__version__",
]


def test_all_is_the_written_list() -> None:
    assert sorted(jointbert.__all__) == sorted(PUBLIC)


def test_dir_shows_the_public_names() -> None:
    assert sorted(dir(jointbert)) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_resolves_to_what_bears_it(name: str) -> None:
    found = getattr(jointbert, name)
    assert isinstance(found, str) or found.__name__ == name


def test_every_public_name_can_be_imported_with_a_star() -> None:
    names: dict[str, object] = {}
    exec("from jointbert import *", names)
    assert set(PUBLIC) <= set(names)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'jointbert' has no attribute 'Interpreter'"):
        _ = jointbert.Interpreter


def test_the_version_is_the_installed_one() -> None:
    from importlib.metadata import version

    assert version("jointbert") == jointbert.__version__
