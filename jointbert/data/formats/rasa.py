"""Rasa's NLU training data in YAML: intents with example lines, and synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from jointbert.data.formats.format import Format, cannot_carry, check_encodable, check_one_line, warn_left_out
from jointbert.data.formats.lines import head, numbered_lines
from jointbert.data.formats.rasa_inline import parse, render
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

_KINDS = ("intent", "synonym", "regex", "lookup")
_SHAPE = re.compile(r"^(nlu|version)\s*:", re.MULTILINE)


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of a file's intents, its synonyms applied to their spans.

    Regex and lookup sections are skipped and reported as information.
    """
    try:
        sections = list(_sections(path, report))
    except DataError as error:
        report(Problem.from_error(error, "yaml", error.where))
        return
    synonyms: dict[str, str] = {}
    for kind, name, _, lines in sections:
        if kind == "synonym":
            synonyms |= {example.casefold(): name for _, example in lines}
    for kind, name, where, lines in sections:
        if kind == "intent":
            for place, example in lines:
                yield from _utterance(example, name, place, synonyms, report)
        elif kind != "synonym":
            message = f"the {kind} section {name!r} was skipped; this package trains on utterances"
            report(Problem(where, f"{kind}-section", "info", message, ""))


_Section = tuple[str, str, str, list[tuple[str, str]]]
"""Kind, name, file:line, and the (file:line, text) of its examples."""


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
                yield _section(path, node, report)
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


def _section(path: Path, node: yaml.Node, report: Report) -> _Section:
    """One item of the list below ``nlu``."""
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, node, "an item of nlu is no mapping", f"one of {', '.join(_KINDS)} with examples")
    values = {str(key.value): value for key, value in node.value}
    kind = next((kind for kind in _KINDS if kind in values), None)
    if kind is None or not isinstance(values[kind], yaml.ScalarNode):
        raise _wrong(path, node, f"an item of nlu has the keys {list(values)}", f"one of {', '.join(_KINDS)}")
    examples = values.get("examples")
    if examples is None:
        raise _wrong(path, node, f"the {kind} {values[kind].value!r} has no examples", "examples: |")
    for key in values.keys() - {kind, "examples"}:
        report(Problem(_place(path, node), "other-key", "info", f"the key {key!r} was skipped", ""))
    return kind, values[kind].value, _place(path, node), list(_examples(path, examples))


def _examples(path: Path, node: yaml.Node) -> Iterator[tuple[str, str]]:
    """The (file:line, text) of each example, of a block of ``- `` lines or of a YAML list."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            texts = [value for key, value in item.value if key.value == "text"] if _is_mapping(item) else [item]
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
        if line.strip():
            if not line.strip().startswith("-"):
                raise DataError(where, f"the example {line!r} has no dash", "- before each example", "Add it.")
            yield where, line.strip()[1:].strip()


def _is_mapping(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode)


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


def sniff(path: Path) -> bool:
    """Whether a line at the beginning of the file starts with ``nlu:`` or ``version:``."""
    return path.is_file() and _SHAPE.search(head(path)) is not None


FORMAT = Format("rasa", "Rasa NLU YAML with entities in the text and synonyms", read, write, sniff, False, ".yml")
