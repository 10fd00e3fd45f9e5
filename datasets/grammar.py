"""The grammar of a demo corpus: templates parsed once into small trees, and checked against the schema.

Template syntax:

    {slot}       a value from the list named like the slot, labelled with it
    {slot:list}  a value from ``list``, labelled ``slot``
    {=list}      a value from ``list``, not labelled itself (labels inside it count)
    (a|b|c)      one of the alternatives (an empty one is allowed)
    [x]          half of the time; ``[x]?0.2``: one time in five
    a|b          outside brackets: a whole template or the other
    \\x           the character x itself; ``\\ `` (an escaped space) is kept even where spaces are dropped

Everything nests. Inside a labelled value everything is plain text of that value. Each ``grammar/*.yaml`` but
settings.yaml holds ``values`` (name -> strings) and ``intents`` (intent -> templates); all files share the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from jointbert.errors import DataError

KEPT_SPACE = "\ue000"
_SPECIAL = frozenset("{}()[]|\\")
_REFERENCE = re.compile(r"\{(?:(=)(\w+)|(\w+)(?::(\w+))?)\}")
_PROBABILITY = re.compile(r"\?(0\.\d+)")


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that stand as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A value from a list, labelled with a slot unless that is None."""

    slot: str | None
    list: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options."""

    options: tuple[Sequence, ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """A part that is there with a probability (0..1)."""

    part: Sequence
    probability: float


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts, one after the other; ``source`` is what a whole template was written as."""

    parts: tuple[Node, ...]
    source: str = ""


Node = Text | Reference | Choice | Maybe | Sequence


class _Parser:
    """A recursive descent over one template."""

    def __init__(self, source: str, where: str) -> None:
        self.source, self.where, self.at = source, where, 0

    def fail(self, what: str, expected: str) -> DataError:
        where = f"{self.where}:{self.at + 1}"
        return DataError(where, f"{what} in {self.source!r}", expected, "Write \\ before a character meant literally.")

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def sequence(self, stop: str) -> Sequence:
        parts: list[Node] = []
        while (character := self.peek()) and character not in stop:
            parts.append(self.part(character))
        return Sequence(tuple(parts))

    def part(self, character: str) -> Node:
        if character == "{":
            return self.reference()
        if character == "(":
            return Choice(tuple(self.options(")")))
        if character == "[":
            options = tuple(self.options("]"))
            match = _PROBABILITY.match(self.source, self.at)
            self.at = match.end() if match else self.at
            inner = options[0] if len(options) == 1 else Sequence((Choice(options),))
            return Maybe(inner, float(match[1]) if match else 0.5)
        if character in "})]":
            raise self.fail(f"unexpected {character!r}", "it inside its brackets")
        return self.text()

    def options(self, end: str) -> Iterator[Sequence]:
        opened = self.at
        self.at += 1
        while True:
            yield self.sequence(end + "|")
            if not self.peek():
                self.at = opened
                raise self.fail(f"{self.source[opened]!r} is never closed", f"a {end!r}")
            self.at += 1
            if self.source[self.at - 1] == end:
                return

    def reference(self) -> Reference:
        match = _REFERENCE.match(self.source, self.at)
        if not match:
            raise self.fail("'{' begins no reference", "{slot}, {slot:list} or {=list}")
        self.at = match.end()
        return Reference(None, match[2]) if match[1] else Reference(match[3], match[4] or match[3])

    def text(self) -> Text:
        found = ""
        while (character := self.peek()) and (character == "\\" or character not in _SPECIAL):
            if character == "\\":
                self.at += 1
                if not self.peek():
                    raise self.fail("'\\' at the end", "the character it protects")
                character = KEPT_SPACE if self.peek() == " " else self.peek()
            found += character
            self.at += 1
        return Text(found)


def parse(source: str, where: str = "template") -> Sequence:
    """The tree of a template.

    Args:
        source: The template.
        where: File and list, for error messages; the position is added.

    Raises:
        DataError: A bracket is not closed, or a reference is malformed.

    Example:
        >>> parse("to {to_city:city}").parts
        (Text(text='to '), Reference(slot='to_city', list='city'))
    """
    parser = _Parser(source, where)
    options = [parser.sequence("|")]
    while parser.peek():
        parser.at += 1
        options.append(parser.sequence("|"))
    return Sequence(options[0].parts if len(options) == 1 else (Choice(tuple(options)),), source)


def references(node: Node) -> Iterator[Reference]:
    """The references in a tree, from left to right."""
    match node:
        case Reference():
            yield node
        case Choice(children) | Sequence(children):
            for child in children:
                yield from references(child)
        case Maybe(part):
            yield from references(part)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The lists and the templates of a corpus; one that is built has no unknown, unused or circular list.

    Args:
        values: List name -> trees.
        intents: Intent -> templates.
        schema: Intent -> the slots it may carry.

    Raises:
        DataError: A list or a slot is unknown, a list is unused or contains itself, an intent has no template.
    """

    values: Mapping[str, tuple[Sequence, ...]]
    intents: Mapping[str, tuple[Sequence, ...]]
    schema: Mapping[str, frozenset[str]]

    def __post_init__(self) -> None:
        for intent in self.schema:
            if not self.intents.get(intent):
                raise DataError("grammar", f"intent {intent!r} has no template", "one", "Write some.")
        seen: set[tuple[str, str | None]] = set()
        for intent, templates in self.intents.items():
            if intent not in self.schema:
                raise DataError("grammar", f"unknown intent {intent!r}", f"one of {sorted(self.schema)}", "Correct it.")
            for number, template in enumerate(templates):
                self._follow(template, f"{intent}[{number}]", intent, seen, ())
        if unused := sorted(self.values.keys() - {name for name, _ in seen}):
            raise DataError("grammar", f"unused lists {unused}", "every list to be used", "Use or delete them.")

    def _follow(
        self, node: Node, where: str, intent: str | None, seen: set[tuple[str, str | None]], path: tuple[str, ...]
    ) -> None:
        """Check what a tree refers to, lists in lists included; inside a labelled value (intent None) any slot goes."""
        for reference in references(node):
            name, slot = reference.list, reference.slot
            if name not in self.values:
                known = f"one of {sorted(self.values)}"
                raise DataError(where, f"unknown list {name!r}", known, "Add it under values, or correct the name.")
            if name in path:
                raise DataError(where, f"list {name!r} contains itself", "no circle", "Break the circle.")
            if intent and slot and slot not in self.schema[intent]:
                expected = f"one of {sorted(self.schema[intent])}"
                raise DataError(where, f"slot {slot!r} is not in the schema of {intent!r}", expected, "Correct it.")
            inner = None if slot else intent
            if (name, inner) in seen:
                continue
            seen.add((name, inner))
            for number, value in enumerate(self.values[name]):
                self._follow(value, f"{where} > {name}[{number}]", inner, seen, (*path, name))


def _strings(value: object, where: str) -> tuple[Sequence, ...]:
    if not isinstance(value, list) or not value:
        raise DataError(where, f"is {value!r}", "a list of strings", "Write one '- ...' a line, or [a, b].")
    for number, entry in enumerate(value):
        if not isinstance(entry, str):
            place = f"{where}[{number}]"
            raise DataError(place, f"{entry!r} is no string to YAML", "a string", "Put it in quotes.")
    return tuple(parse(entry, f"{where}[{number}]") for number, entry in enumerate(value))


def read_yaml(path: Path, keys: frozenset[str]) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        DataError: It is not YAML, no mapping, or has a key that is not among ``keys``.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise DataError(str(path), f"cannot be read ({error})", "a YAML file", "Correct the file.") from None
    if not isinstance(content, dict) or not content.keys() <= keys:
        found = sorted(content) if isinstance(content, dict) else type(content).__name__
        raise DataError(str(path), f"holds {found}", f"a mapping with {sorted(keys)}", "Correct the keys.")
    return content


def read_grammar(folder: Path) -> Grammar:
    """The grammar under ``folder``/grammar, checked against ``folder``/schema.yaml.

    Raises:
        DataError: A file, a template or a reference is wrong; the message says file, list and position.
    """
    schema = read_yaml(folder / "schema.yaml", frozenset({"intents", "slots"}))["intents"]
    values: dict[str, tuple[Sequence, ...]] = {}
    intents: dict[str, tuple[Sequence, ...]] = {}
    for path in sorted((folder / "grammar").glob("*.yaml")):
        if path.name == "settings.yaml":
            continue
        content = read_yaml(path, frozenset({"values", "intents"}))
        for name, entries in (content.get("values") or {}).items():
            if not isinstance(name, str):
                raise DataError(f"{path}: {name}", "is no string to YAML", "a list's name", "Rename it, or quote it.")
            if name in values:
                raise DataError(f"{path}: {name}", "is a second list of that name", "one", "Rename or merge them.")
            values[name] = _strings(entries, f"{path}: {name}")
        for intent, entries in (content.get("intents") or {}).items():
            intents[intent] = intents.get(intent, ()) + _strings(entries, f"{path}: {intent}")
    return Grammar(values, intents, {intent: frozenset(entry["slots"]) for intent, entry in schema.items()})
