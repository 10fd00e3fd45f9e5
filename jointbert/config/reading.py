"""Reading a config: the file, the files it extends, the command line's ``--set``; then one check of the whole."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from jointbert.config.distilling import DistillConfig
from jointbert.config.plain_yaml import read_yaml
from jointbert.config.pretraining import PretrainConfig
from jointbert.config.shape import Config
from jointbert.errors import ConfigError

_LONGEST = 80
"""Characters of a wrong value that a message shows."""


Shape = TypeVar("Shape", bound=BaseModel)

Look = Callable[[Mapping[str, Any]], Iterable[str]]
"""Gives a line for each problem that the shape of a config cannot see, such as a file that is not there.

It is given the content as it was read, which may be wrong in any way.
"""


def load_config(path: Path | str, overrides: Sequence[str] = (), look: Look | None = None) -> Config:
    """The checked config of a training run; :func:`read_config` says how.

    The files that it names need not be there: ``jointbert.training.run_config`` looks for them, too.
    """
    return read_config(path, Config, overrides, look)


def load_pretrain_config(path: Path | str, overrides: Sequence[str] = ()) -> PretrainConfig:
    """The checked config of a pretraining run; :func:`read_config` says how."""
    return read_config(path, PretrainConfig, overrides)


def load_distill_config(path: Path | str, overrides: Sequence[str] = ()) -> DistillConfig:
    """The checked config of a distilling run; :func:`read_config` says how."""
    return read_config(path, DistillConfig, overrides)


def read_config(path: Path | str, shape: type[Shape], overrides: Sequence[str] = (), look: Look | None = None) -> Shape:
    """The checked config of a YAML file.

    Args:
        path: The file. Its key ``extends`` names another file, relative to it, whose values it overrides.
        shape: What it must be.
        overrides: ``section.key=value`` strings, the value in YAML.
        look: What else to look for, or None.

    Raises:
        ConfigError: The file cannot be read, or its content is wrong; one message names every problem.
    """
    path = Path(path)
    content = _read(path, ())
    for override in overrides:
        _override(content, override)
    checked, problems = _check(content, shape)
    problems += look(content) if look else ()
    if checked is None or problems:
        raise _explain(str(path), problems, shape)
    return checked


def _check(content: dict[str, Any], shape: type[Shape]) -> tuple[Shape | None, list[str]]:
    """The content in its shape, or a line for each problem."""
    try:
        return shape.model_validate(content), []
    except ValidationError as error:
        return None, [_problem(item, shape) for item in error.errors()]


def _read(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """A file's sections, laid over those of the file that it extends."""
    if path.resolve() in seen:
        raise ConfigError(str(path), "extends itself", "a chain of files that ends", "Remove one `extends`.")
    content = _sections(path)
    if "extends" not in content:
        return content
    base = content.pop("extends")
    if not isinstance(base, str) or not base.strip() or "\0" in base:
        raise ConfigError(str(path), f"extends is {_shown(base)}", "the path of one YAML file, relative to this", "")
    return _merge(_read(path.parent / base, (*seen, path.resolve())), content)


def _sections(path: Path) -> dict[str, Any]:
    try:
        content = read_yaml(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        folder = path.parent if path.parent.is_dir() else Path()
        near = difflib.get_close_matches(path.name, [item.name for item in folder.glob("*.y*ml")], n=1)
        hint = f"Did you mean {folder / near[0]}?" if near else "The project's own configs are in configs/."
        raise ConfigError(str(path), f"cannot be read ({error.strerror})", "a YAML file", hint) from error
    except ValueError as error:  # UnicodeDecodeError is one
        raise ConfigError(str(path), f"is not YAML: {error}", "sections of key: value lines", "") from error
    if not isinstance(content, dict):
        what = "is empty" if content is None else f"holds a {type(content).__name__}"
        raise ConfigError(str(path), what, "sections of key: value lines", "The files in configs/ are whole ones.")
    return {key: _long_form(key, value) for key, value in content.items()}


def _long_form(section: object, value: Any) -> Any:
    """``encoder: NAME`` is short for ``encoder: {name: NAME}``."""
    return {"name": value} if section == "encoder" and isinstance(value, str) else value


def _merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _override(content: dict[str, Any], override: str) -> None:
    """Put one ``section.key=value`` into the content."""
    where = f"--set {override}"
    key, equals, raw = override.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(where, "is not an assignment", "section.key=value", "")
    if parts[0] == "extends":
        raise ConfigError(where, "extends belongs into the file", "section.key=value", "Name the other file instead.")
    try:
        value = _long_form(key.strip(), read_yaml(raw))
    except ValueError as error:
        raise ConfigError(where, f"{raw!r} is not YAML ({error})", "a value", "") from error
    if len(parts) == 1 and not isinstance(value, dict):
        raise ConfigError(where, f"{key.strip()!r} is a section", "section.key=value", "")
    place = content
    for part in parts[:-1]:
        if not isinstance(place.setdefault(part, {}), dict):
            raise ConfigError(where, f"{part!r} is no section", "section.key=value", "")
        place = place[part]
    old = place.get(parts[-1])
    place[parts[-1]] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value


def _explain(path: str, lines: Sequence[str], shape: type[BaseModel]) -> ConfigError:
    plural = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    listing = "".join(f"\n  {line}" for line in lines)
    return ConfigError(path, f"{plural}{listing}\n  Every key is described in {_page(shape)}")


def _page(shape: type[BaseModel]) -> str:
    """The page of the documentation that describes a shape's keys."""
    names: dict[type[BaseModel], str] = {PretrainConfig: "pretrain-config", DistillConfig: "distill-config"}
    return f"docs/{names.get(shape, 'config')}.md"


def _problem(item: Any, shape: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = _keys(item["loc"][:-1], shape)
        near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return f"{key}: unknown key with value {_shown(item['input'])}; {hint}"
    if item["type"] == "missing":
        return f"{key}: is missing; expected a value"
    return f"{key}: {_shown(item['input'])} is wrong; expected {_expected(item, shape)}"


def expected_by(message: str) -> str:
    """What pydantic expects, without the words that it begins with.

    Example:
        >>> expected_by("Input should be greater than 0"), expected_by("Value error, null, or a share")
        ('greater than 0', 'null, or a share')
    """
    return message.removeprefix("Input should be ").removeprefix("Value error, ")


def _expected(item: Any, shape: type[BaseModel]) -> str:
    if item["type"] == "model_type":
        return f"a section with the keys {', '.join(_keys(item['loc'], shape))}"
    if item["type"] == "invalid_key":
        return "a word as the key"
    message = expected_by(item["msg"])
    if item["type"] == "literal_error":
        near = difflib.get_close_matches(str(item["input"]), re.findall(r"'([^']+)'", message), n=1)
        message += f"; did you mean {near[0]!r}?" if near else ""
    return message


def _shown(value: object) -> str:
    """A value as Python writes it, cut where it is long."""
    written = repr(value)
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"


def _keys(place: tuple[int | str, ...], shape: type[BaseModel]) -> list[str]:
    model: Any = shape
    for part in place:
        if isinstance(part, int):  # an item of a list, whose section was taken with the list
            continue
        field: Any = model.model_fields[part].annotation
        if get_origin(field) is list:
            field = get_args(field)[0]
        if isinstance(field, type) and issubclass(field, BaseModel):
            model = field
    return list(model.model_fields)
