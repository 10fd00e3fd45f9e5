"""The space of a search for good settings: for each of some keys of a training config, what it may be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, PlainValidator, ValidationError, create_model, model_validator

from jointbert.config.reading import expected_by, read_config
from jointbert.config.shape import Config, Flag, Section
from jointbert.errors import ConfigError

Value = bool | int | float | str
"""What a key that can be searched holds."""

_SEED = "training.seed"
_TUNED_DATA = ("data.substitution", "data.typos")
_LARGEST = 1e12
_MOST_CHOICES = 100


def _number(value: object) -> object:
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) > _LARGEST:  # type: ignore[arg-type]
        raise ValueError(f"a number, from -{_LARGEST:g} to {_LARGEST:g}")
    return value


def _choice(value: object) -> object:
    if type(value) not in (bool, int, float, str):
        raise ValueError("a single value")
    return value


Number = Annotated[float, PlainValidator(_number)]
Choice = Annotated[Any, PlainValidator(_choice)]


class Dimension(Section):
    """What one key may be: a range, or one of some choices.

    Args:
        low: The least value of a range.
        high: Its largest.
        log: Draw evenly on a logarithmic scale: as many values from 1 to 10 as from 10 to 100.
        step: Of the range take only ``low``, ``low + step`` and so on up to ``high``.
        choices: The values, where it is no range.
    """

    low: Number | None = None
    high: Number | None = None
    log: Flag = False
    step: Number | None = None
    choices: list[Choice] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> list[str]:
        ranged = self.low is not None or self.high is not None
        if self.choices is not None:
            if ranged or self.log or self.step is not None:
                return ["choices alone, or a range alone"]
            return [] if 2 <= len(self.choices) <= _MOST_CHOICES else [f"2 to {_MOST_CHOICES} choices"]
        if self.low is None or self.high is None:
            return ["low and high, or choices"]
        problems = [] if self.low < self.high else [f"low {self.low:g} to be less than high {self.high:g}"]
        if self.log and self.low <= 0:
            problems.append("low above 0 for a log scale")
        if self.log and self.step is not None:
            problems.append("log or step, not both")
        if self.step is not None and (self.step <= 0 or not self._on_a_step(self.high)):
            problems.append(f"high to be a whole number of steps {self.step:g} above low")
        return problems

    def _on_a_step(self, value: float) -> bool:
        if self.step is None or self.low is None:
            return True
        steps = (value - self.low) / self.step
        return abs(steps - round(steps)) < 1e-8

    def holds(self, value: object) -> bool:
        """Whether a value of the key lies in it; what is no number lies in no range.

        Example:
            >>> Dimension(low=1, high=9, step=2).holds(5), Dimension(choices=["first", "mean"]).holds("max")
            (True, False)
        """
        if self.choices is not None:
            return any(type(value) is type(choice) and value == choice for choice in self.choices)
        if self.low is None or self.high is None:
            return False
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return self.low <= value <= self.high and self._on_a_step(value)


Space = Mapping[str, Dimension]
"""Dotted keys of a config, such as ``training.epochs``, and what each may be."""


def value_of(config: Config, key: str) -> Any:
    """What a config says of a dotted key."""
    section, _, name = key.partition(".")
    return getattr(getattr(config, section), name)


def with_values(config: Config, values: Mapping[str, Any]) -> Config:
    """The config with some of its dotted keys replaced.

    Raises:
        ValidationError: A value is not one that its key takes.
    """
    content = config.model_dump()
    for key, value in values.items():
        section, _, name = key.partition(".")
        content[section][name] = value
    return Config.model_validate(content)


def read_space(path: Path | str, config: Config) -> dict[str, Dimension]:
    """The checked space of a YAML file, for a search that starts from a config; keys in the config's order.

    Raises:
        ConfigError: The file cannot be read, or is no space around this config; one message names every problem.
    """
    found = read_config(path, _shape(config))
    space = {key: getattr(found, key) for key in type(found).model_fields if key in found.model_fields_set}
    if not space:
        hint = "docs/tuning.md shows an example."
        raise ConfigError(str(path), "names no key", "a range or choices for one at least", hint)
    return space


def check_space(content: Mapping[str, Dimension], config: Config) -> dict[str, Dimension]:
    """The space, if it is one around this config: values as their keys take them, the config's own among them.

    Raises:
        ValueError: It is not.
    """
    return {key: _fitted(config, key, content[key]) for key in _keys() if key in content}


def _shape(config: Config) -> type[Section]:
    """A section whose keys are the dotted keys of a training config."""
    fields: dict[str, Any] = {
        key: (Annotated[Dimension, AfterValidator(partial(_fitted, config, key))], None) for key in _keys()
    }
    return create_model("Space", __base__=Section, **fields)


def _keys() -> list[str]:
    sections = {name: field.annotation for name, field in Config.model_fields.items()}
    return [f"{name}.{key}" for name, section in sections.items() for key in getattr(section, "model_fields", {})]


def _fitted(config: Config, key: str, dimension: Dimension) -> Dimension:
    """The dimension with its values as the key takes them.

    Raises:
        ValueError: The key cannot be searched, does not take a value, or has another one or none in the config.
    """
    if reason := _not_searched(key):
        raise ValueError(reason)
    own = value_of(config, key)
    if own is None:
        raise ValueError(f"{key} to be set in the config first, for the search starts from its value there")
    if dimension.choices is not None:
        choices = [_taken(key, choice, config) for choice in dimension.choices]
        if len({(type(choice), choice) for choice in choices}) < len(choices):
            raise ValueError("choices that differ")
        dimension = dimension.model_copy(update={"choices": choices})
    else:
        ends = {name: _taken(key, getattr(dimension, name), config) for name in ("low", "high")}
        if isinstance(own, int) and dimension.step is not None and not isinstance(dimension.step, int):
            raise ValueError("a whole number as step")
        dimension = dimension.model_copy(update=ends)
    if not dimension.holds(own):
        raise ValueError(f"a space that holds the config's own value, {own!r}, for the search starts there")
    return dimension


def _taken(key: str, value: Any, config: Config) -> Value:
    """A value as its key takes it.

    Raises:
        ValueError: The key does not take it.
    """
    try:
        taken: Value = value_of(with_values(config, {key: value}), key)
    except ValidationError as error:
        raise ValueError(_refusal(key, value, error)) from None
    return taken


def _refusal(key: str, value: Any, error: ValidationError) -> str:
    """What the key takes instead of a value, or what another key would have to be for it."""
    first = error.errors()[0]
    place, expected = ".".join(str(part) for part in first["loc"]), expected_by(first["msg"])
    return f"{expected if place == key else f'{place} to be {expected}'}, not {value!r}"


def _not_searched(key: str) -> str | None:
    """Why a key has no place in a search, or None."""
    if key == _SEED:
        return "another key: a lucky seed is no better setting"
    if key.startswith("scope."):
        return "another key: what is maximised does not depend on scope"
    if key.startswith("data.") and key not in _TUNED_DATA:
        return "another key: all trials have to learn from the same data and be scored on the same"
    return None
