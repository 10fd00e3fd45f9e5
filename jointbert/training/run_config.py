"""The config of a run that is about to start: its files and folders have to be there. Nothing heavy is imported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jointbert.config import Config, load_config
from jointbert.data.registry import check_exists
from jointbert.errors import DataError
from jointbert.model.names import locate

DATA_PATHS = ("train", "dev", "values", "out_of_scope_train", "out_of_scope_dev")
"""The keys of ``data`` that name a file or folder."""

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)


def load_run_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """The checked config of a training run, whose files and folders are there.

    Args:
        path: The YAML file.
        overrides: ``section.key=value`` strings, the value in YAML.

    Raises:
        ConfigError: The file cannot be read, its content is wrong, or something that it names is not there; one
            message names every problem.
    """
    return load_config(path, overrides, missing_paths)


def missing_paths(content: Mapping[str, Any]) -> Iterator[str]:
    """A line for each file or folder that a config names and that is not there.

    Args:
        content: The config's sections as they were read; what is wrong in another way is passed over.
    """
    named = _texts(content.get("data"))
    for key in DATA_PATHS:
        if line := _missing(named.get(key), "a YAML file" if key == "values" else "a file or folder"):
            yield f"data.{key}: {line}"
    name = _texts(content.get("encoder")).get("name", "")
    if is_path(name) and not Path(locate(name)).is_dir():
        expected = "the folder of an encoder"
        yield f"encoder.name: {_missing(name, expected) or f'{name!r} is a file; expected {expected}'}"


def is_path(encoder: str) -> bool:
    """Whether an encoder's name can only be a path: a known name has no separator, and a hub id has one inside.

    Example:
        >>> [is_path(name) for name in ("./mine", "/srv/mine", "encoders/en/mine", "org/name", "mini-en")]
        [True, True, True, False, False]
    """
    return bool(re.search(r"^[.~]|[/\\]", encoder)) and not _HUB_ID.fullmatch(encoder)


def _texts(section: object) -> dict[object, str]:
    """Those of a section's values that are text."""
    return {key: value for key, value in section.items() if isinstance(value, str)} if isinstance(section, dict) else {}


def _missing(path: str | None, expected: str) -> str | None:
    """What to say of a path where nothing is; None where something is, or no path is given."""
    if not path:
        return None
    try:
        check_exists(path)
    except DataError as error:
        hint = "Write your home folder out." if path.startswith("~") else error.next_step
        return f"{error.where!r} {error.what}; expected {expected}. {hint}"
    return None
