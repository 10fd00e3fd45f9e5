"""Rasa's NLU training data in YAML: intents with example lines, and synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from jointbert.data.formats.format import Format
from jointbert.data.formats.lines import head, numbered_lines
from jointbert.data.formats.rasa_inline import parse
from jointbert.data.formats.rasa_writer import write
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

_KINDS = ("intent", "synonym", "regex", "lookup")
_SHOWN = 5
"""How many unused texts of a synonym a message lists."""

_SHAPE = re.compile(r"^(nlu|version)\s*:", re.MULTILINE)


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of a file's intents, its synonyms applied to their spans.

    Regex and lookup sections, and what a synonym says that no span needs, are skipped and reported as information.
    """
    try:
        sections = list(_sections(path, report))
    except DataError as error:
        report(Problem.from_error(error, "yaml", error.where))
        return
    synonyms = _synonyms(sections, report)
    needed: set[tuple[str, str | None]] = set()
    for kind, name, where, lines in sections:
        if kind == "intent":
            for place, example in lines:
                for utterance in _utterance(example, name, place, synonyms, report):
                    needed |= {(span.value.casefold(), span.canonical) for span in utterance.spans}
                    yield utterance
        elif kind != "synonym":
            message = f"the {kind} section {name!r} was skipped; this package trains on utterances"
            report(Problem(where, f"{kind}-section", "info", message, ""))
    _report_unused(sections, needed, report)


_Section = tuple[str, str, str, list[tuple[str, str]]]
"""Kind, name, file:line, and the (file:line, text) of its examples."""


def _synonyms(sections: list[_Section], report: Report) -> dict[str, str]:
    """Folded text -> what it stands for. Of two claims the later one counts, as in Rasa, and is reported."""
    found: dict[str, str] = {}
    for kind, name, _, lines in sections:
        for where, text in lines if kind == "synonym" else ():
            other = found.setdefault(text.casefold(), name)
            if other != name:
                message = f"{text!r} is claimed by the synonyms {other!r} and {name!r}; the later one counts"
                report(Problem(where, "synonym-conflict", "warning", message, "Remove it from one of them."))
                found[text.casefold()] = name
    return found


def _report_unused(sections: list[_Section], needed: set[tuple[str, str | None]], report: Report) -> None:
    """Say which texts of synonyms no utterance carries; ``needed`` are the folded values that stand for something."""
    for kind, name, where, lines in sections:
        unused = [text for _, text in lines if (text.casefold(), name) not in needed]
        if kind == "synonym" and unused:
            shown = ", ".join(map(repr, unused[:_SHOWN])) + (", …" if len(unused) > _SHOWN else "")
            message = f"no slot needs {len(unused)} of the {len(lines)} texts of the synonym {name!r}: {shown}"
            report(Problem(where, "unused-synonym", "info", message, ""))


def _sections(path: Path, report: Report) -> Iterator[_Section]:
    """The sections below ``nlu``."""
    root = _compose(path)
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise _wrong(path, root, "the file is no mapping", "the keys version and nlu")
    found = False
    for key, value in root.value:
        if key.value == "nlu":
            found = True
            if not isinstance(value, yaml.SequenceNode):
                raise _wrong(path, value, "nlu is no list", "a list of intents and synonyms")
            for node in value.value:
                try:
                    section = _section(path, node, report)
                except DataError as error:
                    report(Problem.from_error(error, "section", error.where))
                else:
                    yield section
        elif key.value != "version":
            message = f"the key {key.value!r} was skipped; only nlu is read"
            report(Problem(_place(path, key), "other-key", "info", message, ""))
    if not found:
        raise _wrong(path, root, "the key nlu is missing", "a list of intents below nlu")


def _compose(path: Path) -> yaml.Node | None:
    """The YAML of a file as nodes that know their lines; None for an empty file."""
    lines = []
    for _, line in numbered_lines(path, keep_ends=True):
        if isinstance(line, Problem):
            raise line.to_error()
        lines.append(line)
    try:
        return yaml.compose("".join(lines), Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        number = "".join(lines).count("\n", 0, error.position) + 1
        what = f"the character {error.character!r} is not allowed in YAML"
        raise DataError(f"{path}:{number}", what, None, "Write it as an escape in double quotes.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise DataError(where, f"is not YAML ({error.problem})", None, "Check indentation and quotes there.") from None
    except RecursionError:
        raise DataError(str(path), "is nested too deeply", "a list of intents below nlu", None) from None


def _section(path: Path, node: yaml.Node, report: Report) -> _Section:
    """One item of the list below ``nlu``."""
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, node, "an item of nlu is no mapping", f"one of {', '.join(_KINDS)} with examples")
    _check_once(path, node)
    values = {str(key.value): value for key, value in node.value}
    kind = next((kind for kind in _KINDS if kind in values), None)
    if kind is None or not isinstance(values[kind], yaml.ScalarNode):
        raise _wrong(path, node, f"an item of nlu has the keys {list(values)}", f"one of {', '.join(_KINDS)}")
    examples = values.get("examples")
    if examples is None:
        raise _wrong(path, node, f"the {kind} {values[kind].value!r} has no examples", "examples: |")
    _report_skipped(path, node, (kind, "examples"), report)
    return kind, values[kind].value, _place(path, node), list(_examples(path, examples, report))


def _examples(path: Path, node: yaml.Node, report: Report) -> Iterator[tuple[str, str]]:
    """The (file:line, text) of each example, of a block of ``- `` lines or of a YAML list."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            texts = [item]
            if isinstance(item, yaml.MappingNode):
                _check_once(path, item)
                texts = [value for key, value in item.value if key.value == "text"]
                _report_skipped(path, item, ("text",), report)
            if not texts or not isinstance(texts[0], yaml.ScalarNode):
                raise _wrong(path, item, "an example has no text", 'a string, or a mapping with the key "text"')
            yield _place(path, texts[0]), texts[0].value.strip().removeprefix("- ").strip()
        return
    if not isinstance(node, yaml.ScalarNode):
        raise _wrong(path, node, "examples is a mapping", "a block of lines that begin with a dash")
    # The lines of a block stand below its "|"; those of a quoted string cannot be told apart.
    first, step = (node.start_mark.line + 2, 1) if node.style in ("|", ">") else (node.start_mark.line + 1, 0)
    for index, line in enumerate(node.value.split("\n")):
        where = f"{path}:{first + index * step}"
        if line.strip().startswith("-"):
            yield where, line.strip()[1:].strip()
        elif line.strip():
            message = f"the example {line!r} has no dash; expected - before each example"
            report(Problem(where, "no-dash", "error", message, "Add the dash, or join it to the line before."))


def _check_once(path: Path, node: yaml.MappingNode) -> None:
    """Raise DataError where a mapping says a key twice: the later one would hide the other."""
    seen: dict[str, str] = {}
    for key, _ in node.value:
        name = str(key.value)
        if name in seen:
            what = f"the key {name!r} stands here twice, first at {seen[name]}"
            raise DataError(_place(path, key), what, "each key once", "Join the two.")
        seen[name] = _place(path, key)


def _report_skipped(path: Path, node: yaml.MappingNode, read: tuple[str, ...], report: Report) -> None:
    """Say which keys of a mapping are not read."""
    for key, _ in node.value:
        if str(key.value) not in read:
            report(Problem(_place(path, key), "other-key", "info", f"the key {key.value!r} was skipped", ""))


def _place(path: Path, node: yaml.Node) -> str:
    return f"{path}:{node.start_mark.line + 1}"


def _wrong(path: Path, node: yaml.Node, what: str, expected: str) -> DataError:
    return DataError(_place(path, node), what, expected, "docs/formats.md shows the shape.")


def _utterance(example: str, intent: str, where: str, synonyms: dict[str, str], report: Report) -> Iterator[Utterance]:
    """The utterance of one example line, or nothing after a problem was reported."""
    try:
        text, spans = parse(example, where, report)
        spans = tuple(_with_synonym(span, synonyms) for span in spans)
        utterance = Utterance(text, intent, spans, None, None, where)
    except DataError as error:
        report(Problem.from_error(error, "rasa", where))
    else:
        yield utterance


def _with_synonym(span: Span, synonyms: dict[str, str]) -> Span:
    canonical = synonyms.get(span.value.casefold()) if span.canonical is None else None
    return span if canonical is None else replace(span, canonical=canonical)


def sniff(path: Path) -> bool:
    """Whether a line at the beginning of the file starts with ``nlu:`` or ``version:``."""
    return path.is_file() and _SHAPE.search(head(path)) is not None


FORMAT = Format("rasa", "Rasa NLU YAML with entities in the text and synonyms", read, write, sniff, False, ".yml")
