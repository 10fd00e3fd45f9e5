"""Writes the pages about configs from their models: ``python docs/generate_config.py`` (``--check`` only compares)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel

from jointbert.config import Config, DistillConfig, PretrainConfig, Section

DOCS = Path(__file__).parent
HEAD = """# The training config

Written by `python docs/generate_config.py` from `jointbert/config/shape.py`; change it there.

A YAML file of the sections below. `jointbert train FILE --output FOLDER` checks all of it before anything heavy
starts and names every problem at once; `cv`, `curve` and `tune` do the same. Files and folders that it names and that
are not there are among the problems: those of `data`, and an `encoder` that can only be a path (`encoders/mine` may be
a hub id, which shows later; `./encoders/mine` is a path). They are relative to the folder the command runs in. In
Python, `load_run_config` of `jointbert.training.run_config` looks for them, and `load_config` of `jointbert.config`
does not.

- `extends: OTHER.yaml`, relative to the file that says it, takes over another file's values; what stands here wins.
- `--set section.key=VALUE` on the command line wins over every file; the value is YAML, for example
  `--set training.learning_rate=2e-5`.
- `encoder: NAME` is short for `encoder: {name: NAME}`, in a file and in `--set`.
- YAML aliases, tags and keys that stand twice are refused, and no value is converted from another kind.
"""
PRETRAIN_HEAD = """# The pretraining config

Written by `python docs/generate_config.py` from `jointbert/config/pretraining.py`; change it there.

A YAML file of the sections below, for `jointbert pretrain FILE --output FOLDER` ([pretraining](pretraining.md)).
`extends`, `--set` and the checks of keys and values are those of the [training config](config.md).
"""
DISTILL_HEAD = """# The distilling config

Written by `python docs/generate_config.py` from `jointbert/config/distilling.py`; change it there.

A YAML file of the sections below, for `jointbert distill FILE --from CHECKPOINT --output FOLDER`
([pretraining](pretraining.md)). `extends`, `--set` and the checks of keys and values are those of the
[training config](config.md).
"""
PAGES: dict[str, tuple[str, type[Section]]] = {
    "config.md": (HEAD, Config),
    "pretrain-config.md": (PRETRAIN_HEAD, PretrainConfig),
    "distill-config.md": (DISTILL_HEAD, DistillConfig),
}
_ENTRY = re.compile(r"^    (\w+): (.+?)(?=^    \w+: |^\S|\Z)", re.MULTILINE | re.DOTALL)


def meanings(section: type[BaseModel]) -> dict[str, str]:
    """What the ``Args`` of a section's docstring say of each key, each on one line."""
    arguments = (getdoc(section) or "").partition("Args:\n")[2]
    return {key: " ".join(text.split()).replace("``", "`") for key, text in _ENTRY.findall(arguments)}


def allowed(shape: dict[str, Any]) -> str:
    """The values that a key takes, in words, from its JSON schema."""
    if "anyOf" in shape:
        return " or ".join(allowed(part) for part in shape["anyOf"])
    if shape.get("type") == "array":
        items = shape["items"]
        return f"list of {items['$ref'].rpartition('/')[2] if '$ref' in items else allowed(items)}"
    if "const" in shape:
        return f"`{shape['const']}`"
    if "enum" in shape:
        return ", ".join(f"`{value}`" for value in shape["enum"])
    kind = {"integer": "whole number", "string": "text", "boolean": "`true` or `false`"}.get(
        shape["type"], shape["type"]
    )
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
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
        given = "" if field.is_required() else yaml.safe_dump(field.default, default_flow_style=True).splitlines()[0]
        default = f"`{given}`" if given else "required"
        rows.append(f"| `{key}` | {allowed(shapes[key])} | {default} | {told[key]} |")
    title = (getdoc(section) or "").splitlines()[0]
    return f"## {name}\n\n{title}\n\n" + "\n".join(rows) + "\n"


def sections_of(shape: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """The sections of a config by their keys, each followed by what its lists hold."""
    for name, field in shape.model_fields.items():
        section = get_args(field.annotation)[0] if get_origin(field.annotation) is list else field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield (section.__name__ if section is not field.annotation else name), section
            yield from sections_of(section)


def page(head: str, shape: type[Section]) -> str:
    """A whole document."""
    return "\n".join([head, *(section_page(name, section) for name, section in sections_of(shape))])


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` say whether they are current; the exit code."""
    wanted = {DOCS / name: page(head, shape) for name, (head, shape) in PAGES.items()}
    if arguments == ["--check"]:
        stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"docs/{path.name} is not what the models say; run: python docs/generate_config.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
