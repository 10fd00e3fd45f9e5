"""The demo project: a corpus with its labels explained, part of it waiting to be labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

import desk
from jointbert.annotation import Kind, Label, Project, Schema, colour_of, demo_corpus

WHO = "demo data"
EXAMPLES = 3
LONGEST = 40
GUIDELINES = {
    "en": """Choose what the user wants (one intent), then mark the details (slots).

A slot holds the value alone:
• without articles, prepositions and possessives: in the [kitchen], from [New York]
• with its unit or number word: [20 minutes], [half past seven], [22 degrees]
• a date and a time beside each other are two slots: [tomorrow] at [seven]

Reject what is not a request at all. Skip what you are not sure of.""",
    "zh": """Choose what the user wants (one intent), then mark the details (slots).

A slot holds the value alone:
• without 从/到/在/去/把/的, and without words that are not part of the name (歌单, 航班)
• with its unit: [20分钟], [26度], [七点半]
• a date and a time beside each other are two slots: [明天][下午三点]
• 早上/下午/晚上 belong to a clock time that follows ([晚上八点]); alone they belong to the date ([明天早上])
• people and quantities without the measure word: [两]个人, [三]份

Reject what is not a request at all. Skip what you are not sure of.""",
}


def make_demo(language: str) -> Project:
    """A new project with the demo corpus of a language: its test part waits to be labelled and comes first.

    Args:
        language: ``en`` or ``zh``.

    Raises:
        DataError: This installation lacks the demo.
    """
    folder = demo_corpus(language)
    made = desk.store().create_project(
        _free_name(f"Demo: {desk.LANGUAGES[language]}"), language, GUIDELINES[language], _schema(folder), WHO
    )
    made.import_file(folder / "test.jsonl", WHO, labelled=False)
    made.import_file(folder / "train.jsonl", WHO)
    made.import_file(folder / "dev.jsonl", WHO, split="dev")
    return made


def _free_name(name: str) -> str:
    """The name, with a number where a project has it."""
    taken = {info.name for info in desk.store().projects()}
    number = 1
    while (free := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return free


def _schema(folder: Path) -> Schema:
    """The labels with what they are for, as schema.yaml says, and examples from the training part."""
    described = yaml.safe_load((folder / "schema.yaml").read_text(encoding="utf-8"))
    texts, values = _examples((folder / "train.jsonl").read_text(encoding="utf-8").splitlines())
    intents = {name: about["about"] for name, about in described["intents"].items()}
    return Schema(_labels("intent", intents, texts), _labels("slot", described["slots"], values))


def _labels(kind: Kind, described: dict[str, str], examples: dict[str, list[str]]) -> tuple[Label, ...]:
    return tuple(
        Label(kind, name, about, tuple(examples.get(name, ())), colour_of(place))
        for place, (name, about) in enumerate(described.items())
    )


def _examples(lines: list[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Intent -> short texts, slot -> values: the first few of each."""
    texts: dict[str, list[str]] = {}
    values: dict[str, list[str]] = {}
    for line in lines:
        row: dict[str, Any] = json.loads(line)
        _note(texts, row["intent"], row["text"])
        for slot in row["slots"]:
            _note(values, slot["slot"], row["text"][slot["start"] : slot["end"]])
    return texts, values


def _note(found: dict[str, list[str]], name: str, example: str) -> None:
    known = found.setdefault(name, [])
    if len(known) < EXAMPLES and len(example) <= LONGEST and example not in known:
        known.append(example)
