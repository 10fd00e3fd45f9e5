"""The demo corpora, which lie in ``datasets/`` of a checkout and travel in the wheel as packages of their own."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from jointbert.errors import DataError

LANGUAGES = ("en", "zh")

_CHECKOUT = Path(__file__).resolve().parents[2]


def demo_corpus(language: str) -> Path:
    """The folder of a demo corpus: ``train.jsonl``, ``dev.jsonl`` and ``test.jsonl`` lie in it.

    Args:
        language: ``en`` or ``zh``.

    Raises:
        DataError: There is no demo in that language, or this installation lacks it.

    Example:
        >>> (demo_corpus("en") / "train.jsonl").is_file()
        True
    """
    if language not in LANGUAGES:
        raise DataError(
            f"demo corpus {language!r}", "is unknown", f"one of {', '.join(LANGUAGES)}", "Name one of them."
        )
    return packaged_folder(f"jointbert_demo_{language}", f"datasets/demo-{language}", "train.jsonl")


def packaged_folder(package: str, checkout: str, content: str) -> Path:
    """The folder that a wheel holds as a package and a checkout elsewhere.

    Args:
        package: Its name as an installed package; nothing of it is imported.
        checkout: Its path in a checkout.
        content: A file by which it is known.

    Raises:
        DataError: It is in neither place.
    """
    spec = find_spec(package)
    installed = [Path(place) for place in (spec.submodule_search_locations or ())] if spec is not None else []
    for folder in (*installed, _CHECKOUT / checkout):
        if (folder / content).is_file():
            return folder
    raise DataError(
        package,
        "is missing from this installation",
        f"a package with {content}",
        "Install jointbert again, as a whole.",
    )
