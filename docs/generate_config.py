"""Writes docs/config.md from the config's models: ``python docs/generate_config.py`` (``--check`` only compares)."""

from __future__ import annotations

import re
import sys
from inspect import getdoc
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from jointbert.config import Config

PAGE = Path(__file__).with_name("config.md")
HEAD = """# The training config

Written by `python docs/generate_config.py` from `jointbert/config/shape.py`; change it there.

A YAML file of the sections below. `jointbert train FILE --output FOLDER` checks all of it before anything heavy
starts and names every problem at once. Paths of data are relative to the folder the command runs in.

- `extends: OTHER.yaml`, relative to the file that says it, takes over another file's values; what stands here wins.
- `--set section.key=VALUE` on the command line wins over every file; the value is YAML, for example
  `--set training.learning_rate=2e-5`.
- `encoder: NAME` is short for `encoder: {name: NAME}`, in a file and in `--set`.
- YAML aliases, tags and keys that stand twice are refused, and no value is converted from another kind.
"""
_ENTRY = re.compile(r"^    (\w+): (.+?)(?=^    \w+: |^\S|\Z)", re.MULTILINE | re.DOTALL)


def meanings(section: type[BaseModel]) -> dict[str, str]:
    """What the ``Args`` of a section's docstring say of each key, each on one line."""
    arguments = (getdoc(section) or "").partition("Args:\n")[2]
    return {key: " ".join(text.split()).replace("``", "`") for key, text in _ENTRY.findall(arguments)}


def allowed(shape: dict[str, Any]) -> str:
    """The values that a key takes, in words, from its JSON schema."""
    if "anyOf" in shape:
        return " or ".join(allowed(part) for part in shape["anyOf"])
    if "enum" in shape:
        return ", ".join(f"`{value}`" for value in shape["enum"])
    kind = {"integer": "whole number", "string": "text", "boolean": "`true` or `false`"}.get(
        shape["type"], shape["type"]
    )
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤"}
    limits = [
        f"{sign} {shape[key]:g}" if shape[key] < 1e6 else f"{sign} {shape[key]}"
        for key, sign in signs.items()
        if key in shape
    ]
    return f"{kind} {' and '.join(limits)}".strip()


def section_page(name: str, section: type[BaseModel]) -> str:
    """A section's heading, and a table of its keys.

    Raises:
        KeyError: A key is not explained in the section's docstring.
    """
    told = meanings(section)
    shapes = section.model_json_schema()["properties"]
    rows = ["| key | values | when not given | meaning |", "|---|---|---|---|"]
    for key, field in section.model_fields.items():
        default = "required" if field.is_required() else f"`{yaml.safe_dump(field.default).splitlines()[0]}`"
        rows.append(f"| `{key}` | {allowed(shapes[key])} | {default} | {told[key]} |")
    title = (getdoc(section) or "").splitlines()[0]
    return f"## {name}\n\n{title}\n\n" + "\n".join(rows) + "\n"


def page() -> str:
    """The whole document."""
    sections = []
    for name, field in Config.model_fields.items():
        assert isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        sections.append(section_page(name, field.annotation))
    return "\n".join([HEAD, *sections])


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is current; the exit code."""
    wanted = page()
    if arguments == ["--check"]:
        current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted
        if not current:
            print("docs/config.md is not what the models say; run: python docs/generate_config.py", file=sys.stderr)
        return 0 if current else 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
