"""Rules about texts: empty, over-long, and characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from jointbert.data.check.options import Options, Splits, place, quote
from jointbert.data.problem import Problem
from jointbert.utterance import Utterance

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]"
    # The joiners are spelling in some scripts and in emoji; beside ASCII, Chinese or nothing they are leftovers.
    "|(?:(?<=[\x00-\x7f\u3000-\u9fff])|^)[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f\u3000-\u9fff]|$)"
)


def texts(splits: Splits, options: Options) -> Iterator[Problem]:
    """The findings ``empty-text``, ``long-text``, ``hidden-character`` and ``broken-encoding``."""
    for utterances in splits.values():
        for utterance in utterances:
            if not utterance.text.strip():
                yield Problem(
                    place(utterance),
                    "empty-text",
                    "error",
                    f"the text is {'blank' if utterance.text else 'empty'}",
                    "Write a text or drop the utterance.",
                )
                continue
            if len(utterance.text) > options.max_chars:
                yield _long(utterance, options.max_chars)
            if not utterance.text.isprintable() and (hidden := _HIDDEN.findall(utterance.text)):
                yield _hidden(utterance, hidden)
            if "\ufffd" in utterance.text:
                yield _broken(utterance)


def _long(utterance: Utterance, most: int) -> Problem:
    return Problem(
        place(utterance),
        "long-text",
        "warning",
        f"{len(utterance.text)} characters; expected at most {most}: {quote(utterance.text, 40)}",
        "An encoder reads a few hundred pieces and no more; split it, or raise --max-chars.",
    )


def _hidden(utterance: Utterance, found: list[str]) -> Problem:
    names = ", ".join(dict.fromkeys(_describe(character) for character in found))
    return Problem(
        place(utterance),
        "hidden-character",
        "warning",
        f"{quote(utterance.text)} holds {names}",
        "Remove it, unless users really type it.",
    )


def _describe(character: str) -> str:
    name = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} ({name.lower()})"


def _broken(utterance: Utterance) -> Problem:
    return Problem(
        place(utterance),
        "broken-encoding",
        "warning",
        f"{quote(utterance.text)} holds U+FFFD, which stands for a character that was lost",
        "Read the source again in its real encoding.",
    )
