"""The model folder: safetensors and JSON only. Nothing in it is ever unpickled or executed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from jointbert.checkpoint.predict import Predictor
from jointbert.codec import Codec, Decoder
from jointbert.errors import ModelError, first_line
from jointbert.labels import Labels, LabelSet
from jointbert.model.config import JointBertConfig
from jointbert.model.encoder import quiet
from jointbert.model.joint import JointBert

FORMAT_VERSION = 1
"""Version of the folder's layout; an older one is read, a newer one is refused."""

FILES = ("config.json", "model.safetensors", "tokenizer.json", "labels.json")
"""What a folder must hold to be loaded."""

_RETRAIN = "Copy the whole model folder again, or train anew."


def make_predictor(model: JointBert, codec: Codec) -> Predictor:
    """The path from text to parse through a PyTorch model. The caller puts the model into eval mode."""
    learned = None if model.crf is None else model.crf.scores()
    pad_id = int(model.config.encoder.get("pad_token_id") or 0)
    return Predictor(codec, Decoder(codec.labels, learned), model.score, pad_id)


def save_folder(folder: Path, model: JointBert, labels: Labels, texts: dict[str, str]) -> None:
    """Write the weights, the labels and the given text files. The tokenizer is saved by its own library.

    Args:
        folder: Made if missing; files of the same name are replaced.
        model: The trained model.
        labels: The names behind its logits.
        texts: Further files by name, for example ``training.yaml`` and ``model_card.md``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with quiet():
        model.save_pretrained(folder)
    labels.save(folder / "labels.json")
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def load_folder(folder: Path | str) -> tuple[JointBert, Codec]:
    """The model in eval mode and its codec.

    Raises:
        ModelError: The folder or one of its files is missing, broken, of another model, or of a newer version.
    """
    folder = Path(folder)
    _check_files(folder)
    settings = _read_config(folder / "config.json")
    labels = Labels.load(folder / "labels.json")
    _check_sizes(folder, settings, labels)
    codec = Codec.from_folder(folder, labels, settings["max_pieces"])
    _check_pieces(folder, settings, codec)
    try:
        with quiet():
            config = JointBertConfig.from_pretrained(folder, local_files_only=True)
            loaded: Any = JointBert.from_pretrained(
                folder, config=config, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
    except Exception as error:  # safetensors, OSError and shape mismatches come in many types
        first = first_line(error)
        raise ModelError(str(folder / "model.safetensors"), f"cannot be read ({first})", None, _RETRAIN) from error
    model, report = cast(tuple[JointBert, dict[str, Any]], loaded)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report[kind]:
            names = ", ".join(sorted(map(str, report[kind]))[:3])
            what = f"{len(report[kind])} {kind.replace('_', ' ')}, such as {names}"
            raise ModelError(str(folder / "model.safetensors"), what, "the weights of config.json's model", _RETRAIN)
    model.train(False)
    return model, codec


def load_predictor(folder: Path | str) -> Predictor:
    """The path from text to parse through a saved model (see :func:`load_folder`)."""
    model, codec = load_folder(folder)
    return make_predictor(model, codec)


def _check_files(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        hint = "Give the folder that config.json and model.safetensors are in."
        raise ModelError(str(folder), "is a file", "a model folder", hint)
    if not folder.is_dir():
        hint = "Train one with: jointbert train CONFIG --output " + str(folder)
        raise ModelError(str(folder), "is not there", "a folder that `jointbert train` wrote", hint)
    for name in FILES:
        if not (folder / name).is_file():
            raise ModelError(str(folder / name), "is missing", f"a model folder with {', '.join(FILES)}", _RETRAIN)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(str(path), f"cannot be read as JSON ({error})", None, _RETRAIN) from error
    if not isinstance(settings, dict) or settings.get("model_type") != "jointbert":
        found = settings.get("model_type") if isinstance(settings, dict) else type(settings).__name__
        hint = "An encoder is named in a config's encoder.name; a model is what `jointbert train` writes."
        raise ModelError(str(path), f"model_type is {found!r}", "'jointbert'", hint)
    version = settings.get("format_version", 1)
    if not isinstance(version, int) or version > FORMAT_VERSION:
        what = f"has format version {version!r}, and this jointbert reads up to {FORMAT_VERSION}"
        raise ModelError(str(path), what, None, "Upgrade with: pip install --upgrade jointbert")
    missing = {"encoder", "intents", "tags", "max_pieces"} - settings.keys()
    if missing:
        raise ModelError(str(path), f"lacks {', '.join(sorted(missing))}", "a joint model's config", _RETRAIN)
    for key in ("intents", "tags", "max_pieces"):
        if type(settings[key]) is not int or settings[key] < 0:
            raise ModelError(str(path), f"{key} is {settings[key]!r}", "a whole number", _RETRAIN)
    encoder = settings["encoder"]
    if not isinstance(encoder, dict) or not {"model_type", "vocab_size"} <= encoder.keys():
        raise ModelError(str(path), f"encoder is {str(encoder)[:80]!r}", "an encoder's own configuration", _RETRAIN)
    return settings


def _check_sizes(folder: Path, settings: dict[str, Any], labels: Labels) -> None:
    sets: dict[str, LabelSet | None] = {"intents": labels.intents, "tags": labels.tags}
    for key, names in sets.items():
        count = 0 if names is None else len(names)
        if settings[key] != count:
            what = f"names {count} {key} but config.json has {settings[key]}"
            raise ModelError(str(folder / "labels.json"), what, "the labels of this very model", _RETRAIN)


def _check_pieces(folder: Path, settings: dict[str, Any], codec: Codec) -> None:
    """Another model's tokenizer may name pieces that this encoder has no embedding for."""
    known = settings["encoder"]["vocab_size"]
    if codec.highest_piece >= known:
        what = f"has a piece with id {codec.highest_piece} but the encoder of config.json knows {known}"
        raise ModelError(str(folder / "tokenizer.json"), what, "the tokenizer of this very model", _RETRAIN)
