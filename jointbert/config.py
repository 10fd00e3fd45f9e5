"""The YAML's shape. Everything is checked before anything heavy starts, and every problem is reported at once."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jointbert.errors import ConfigError

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[int, Field(ge=1)]
PositiveFloat = Annotated[float, Field(gt=0.0)]


class Section(BaseModel):
    """A part of the config: unknown keys are errors, values are not coerced out of other kinds, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class DataConfig(Section):
    """Where the utterances are.

    Args:
        train: File or folder of the training utterances.
        dev: File or folder that the best checkpoint is chosen on.
        format: Their format, or None to detect it.
        on_misfit: A span that cuts a word is widened to whole words (and reported), or an error.
        on_overlong: A text beyond ``encoder.max_pieces`` is truncated (and reported), or an error.
    """

    train: str
    dev: str
    format: str | None = None
    on_misfit: Literal["widen", "error"] = "widen"
    on_overlong: Literal["truncate", "error"] = "truncate"


class EncoderConfig(Section):
    """Which encoder.

    Args:
        name: A folder, a known name (minilm-l6, gte-small, bge-small-zh), a hub id, or ``scratch``.
        size: For ``scratch``: a published BERT shape.
        language: For ``scratch``: ``zh`` takes every CJK character as a piece, ``en`` learns WordPiece.
        vocabulary: For ``scratch``: the most pieces its tokenizer may have.
        max_pieces: Longest input in pieces, special ones included.
    """

    name: str
    size: Literal["tiny", "mini", "small", "medium", "base", "large"] = "mini"
    language: Literal["en", "zh"] = "en"
    vocabulary: Positive = 8000
    max_pieces: Annotated[int, Field(ge=8)] = 512


class ModelConfig(Section):
    """The heads.

    Args:
        crf: Put a CRF on the slot head.
        pooling: A word's state is its first piece's, or the mean of its pieces'.
        dropout: Share of states dropped before each head.
        slot_weight: Weight of the slot loss in the sum.
        intent_conditioned: Tell the slot head what the intent head thinks.
        piece_dropout: Share of pieces hidden in training; helps an encoder from scratch with words it has not seen.
    """

    crf: bool = False
    pooling: Literal["first", "mean"] = "first"
    dropout: Share = 0.1
    slot_weight: PositiveFloat = 1.0
    intent_conditioned: bool = False
    piece_dropout: Share = 0.0


class TrainingConfig(Section):
    """How to train.

    Args:
        epochs: Most passes over the training utterances.
        batch_size: Utterances a step.
        accumulation: Steps whose gradients are added up before the weights move.
        learning_rate: Peak rate of the encoder's topmost layer.
        head_learning_rate: Peak rate of the heads and the CRF.
        layer_decay: Each encoder layer learns at this share of the rate of the one above it.
        weight_decay: AdamW's decay; biases and layer norms have none.
        warmup: Share of the steps on which the rate rises; it falls linearly after.
        max_grad_norm: Gradients longer than this are shortened to it.
        patience: Epochs without a better dev score before training stops; 0 never stops early.
        seed: Of everything random.
        precision: ``auto`` takes bf16 where the CPU (AMX, AVX512-BF16) or GPU computes it fast.
    """

    epochs: Positive = 10
    batch_size: Positive = 32
    accumulation: Positive = 1
    learning_rate: PositiveFloat = 5e-5
    head_learning_rate: PositiveFloat = 1e-3
    layer_decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    warmup: Share = 0.1
    max_grad_norm: PositiveFloat = 1.0
    patience: Annotated[int, Field(ge=0)] = 3
    seed: Annotated[int, Field(ge=0)] = 13
    precision: Literal["auto", "fp32", "bf16"] = "auto"


class Config(Section):
    """A whole training run.

    Args:
        data: Where the utterances are.
        encoder: Which encoder; ``encoder: NAME`` is short for ``encoder: {name: NAME}``.
        model: The heads.
        training: How to train.
    """

    data: DataConfig
    encoder: EncoderConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()

    def to_yaml(self) -> str:
        """The config with every default spelled out."""
        return yaml.safe_dump(self.model_dump(), sort_keys=False, allow_unicode=True)


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """The checked config of a YAML file.

    Args:
        path: The file. Its key ``extends`` names another file, relative to it, whose values it overrides.
        overrides: ``section.key=value`` strings, the value in YAML.

    Raises:
        ConfigError: The file cannot be read, or its content is wrong; one message names every problem.
    """
    path = Path(path)
    content = _read(path, ())
    for override in overrides:
        _override(content, override)
    if isinstance(content.get("encoder"), str):
        content["encoder"] = {"name": content["encoder"]}
    try:
        return Config.model_validate(content)
    except ValidationError as error:
        raise _explain(str(path), error) from None


def _read(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in seen:
        raise ConfigError(str(path), "extends itself", "a chain of files that ends", "Remove one `extends`.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        folder = path.parent if path.parent.is_dir() else Path()
        near = difflib.get_close_matches(path.name, [item.name for item in folder.glob("*.y*ml")], n=1)
        hint = f"Did you mean {folder / near[0]}?" if near else "The project's own configs are in configs/."
        raise ConfigError(str(path), f"cannot be read ({error.strerror})", "a YAML file", hint) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"is not YAML: {error}", "sections of key: value lines", "") from error
    if not isinstance(content, dict):
        raise ConfigError(str(path), f"holds a {type(content).__name__}", "sections such as data: and encoder:", "")
    base = content.pop("extends", None)
    if base is None:
        return content
    return _merge(_read(path.parent / str(base), (*seen, path.resolve())), content)


def _merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _override(content: dict[str, Any], override: str) -> None:
    key, equals, raw = override.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(f"--set {override}", "is not an assignment", "section.key=value", "")
    try:
        value = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override}", f"{raw!r} is not YAML ({error})", "a value", "") from error
    if isinstance(value, str):  # YAML 1.1 takes 2e-5 for a string
        with contextlib.suppress(ValueError):
            value = float(value)
    place = content
    for part in parts[:-1]:
        if isinstance(place.get(part), str) and part == "encoder":
            place[part] = {"name": place[part]}
        if not isinstance(place.setdefault(part, {}), dict):
            raise ConfigError(f"--set {override}", f"{part!r} is no section", "section.key=value", "")
        place = place[part]
    place[parts[-1]] = value


def _explain(path: str, error: ValidationError) -> ConfigError:
    lines = [_problem(item) for item in error.errors()]
    plural = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    listing = "".join(f"\n  {line}" for line in lines)
    hint = "\n  Every key is described in docs/config.md."
    return ConfigError(path, plural + listing, None, hint)


def _problem(item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = _keys(item["loc"][:-1])
        near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return f"{key}: unknown key with value {item['input']!r}; {hint}"
    if item["type"] == "missing":
        return f"{key}: is missing; expected a value"
    return f"{key}: {item['input']!r} is wrong; expected {_expected(item['msg'])}"


def _expected(message: str) -> str:
    for prefix in ("Input should be ", "Value error, "):
        message = message.removeprefix(prefix)
    return message


def _keys(place: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Config
    for part in place:
        field = model.model_fields[str(part)].annotation
        if isinstance(field, type) and issubclass(field, BaseModel):
            model = field
    return list(model.model_fields)
