"""Writes Rasa's NLU training data; what it carries is told in :mod:`jointbert.data.formats.rasa`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import yaml

from jointbert.data.formats.format import cannot_carry, check_encodable, check_one_line, warn_left_out
from jointbert.data.formats.rasa_inline import render
from jointbert.utterance import Utterance


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write one file; utterances are grouped by intent, in the order in which the intents first appear.

    Canonical values are written in place, and those that a spelling always has are listed as synonyms too. Blanks
    around a text are dropped, for Rasa drops them too; a warning counts them.

    Raises:
        DataError: An utterance has no intent, is blank, or holds a line break.
    """
    kept = list(utterances)
    intents: dict[str, list[str]] = {}
    blanks = 0
    for utterance in kept:
        trimmed = _trimmed(utterance)
        blanks += trimmed is not utterance
        intents.setdefault(utterance.intent or "", []).append(_example(trimmed))
    warn_left_out("rasa", kept, ids=False, canonical=True, tokens=False, blanks=blanks)
    nlu = [{"intent": name, "examples": _block(lines)} for name, lines in intents.items()]
    nlu += [{"synonym": name, "examples": _block(lines)} for name, lines in _synonyms(kept).items()]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        content = {"version": "3.1", "nlu": nlu}
        yaml.dump(content, file, _Dumper, allow_unicode=True, sort_keys=False, width=float("inf"))


def _trimmed(utterance: Utterance) -> Utterance:
    """The utterance without outer blanks, its spans moved along; itself when it has none."""
    text = utterance.text.strip()
    if not text:
        raise cannot_carry("rasa", utterance, f"the blank text {utterance.text!r}", "Drop it.")
    if text == utterance.text:
        return utterance
    by = utterance.text.index(text)
    if any(span.start < by or span.end > by + len(text) for span in utterance.spans):
        raise cannot_carry("rasa", utterance, f"a slot of {utterance.text!r} holds outer blanks", "Trim the span.")
    spans = tuple(replace(span, start=span.start - by, end=span.end - by) for span in utterance.spans)
    return replace(utterance, text=text, spans=spans, tokens=None)


def _example(utterance: Utterance) -> str:
    """The example line of an utterance."""
    check_encodable("rasa", utterance)
    check_one_line("rasa", utterance)
    if utterance.intent is None:
        raise cannot_carry("rasa", utterance, f"{utterance.text!r} has no intent", "Name it, or write jsonl.")
    line = render(utterance.text, utterance.spans)
    if line is None:
        raise cannot_carry("rasa", utterance, f"the slots of {utterance.text!r} have names or values")
    return line


def _synonyms(utterances: Iterable[Utterance]) -> dict[str, list[str]]:
    """Canonical value → the spellings that never stand for anything else."""
    meanings: dict[str, set[str | None]] = {}
    spellings: dict[str, str] = {}
    for span in (span for utterance in utterances for span in utterance.spans):
        meanings.setdefault(span.value.casefold(), set()).add(span.canonical)
        spellings.setdefault(span.value.casefold(), span.value)
    found: dict[str, list[str]] = {}
    for folded, canonicals in meanings.items():
        canonical, spelling = next(iter(canonicals)), spellings[folded]
        if len(canonicals) == 1 and canonical and spelling == spelling.strip():
            found.setdefault(canonical, []).append(spelling)
    return found


class _Block(str):
    """Lines that YAML should show as a block."""


class _Dumper(yaml.SafeDumper):
    """A dumper that shows blocks as blocks, unless they hold what a block would change."""


def _block(lines: Iterable[str]) -> _Block:
    return _Block("".join(f"- {line}\n" for line in lines))


def _represent(dumper: yaml.SafeDumper, block: _Block) -> yaml.ScalarNode:
    style = '"' if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]", block) else "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(block), style=style)


_Dumper.add_representer(_Block, _represent)
