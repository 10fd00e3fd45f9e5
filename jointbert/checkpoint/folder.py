"""A PyTorch model in its folder: safetensors and JSON only. Nothing in it is ever unpickled or executed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

from jointbert.checkpoint.contents import FORMAT_VERSION, Contents, kind_of, open_contents
from jointbert.checkpoint.manifest import COPY_AGAIN, EXPORT_FILES, MODEL_FILES, break_seal, seal
from jointbert.checkpoint.predict import Predictor
from jointbert.codec import Calibration, Codec, Decoder
from jointbert.codec.scope import Scope
from jointbert.errors import ModelError, first_line
from jointbert.labels import Labels
from jointbert.model.config import JointBertConfig
from jointbert.model.encoder import own_weights, quiet, save_weights
from jointbert.model.joint import JointBert


class SavedTokenizer(Protocol):
    """What this file needs of a tokenizer: that it can save itself."""

    def save_pretrained(self, save_directory: Path) -> Any:
        """Write ``tokenizer.json`` and what its library wants beside it."""


def make_predictor(
    model: JointBert,
    codec: Codec,
    calibration: Calibration | None = None,
    scope: Scope | None = None,
    *,
    states: bool = False,
) -> Predictor:
    """The path from text to parse through a PyTorch model. The caller puts the model into eval mode.

    Args:
        model: The model.
        codec: Text → arrays.
        calibration: What makes probabilities of its logits.
        scope: What tells utterances in scope from others.
        states: Whether its scores hold the [CLS] states even where the scope does not ask for them.
    """
    learned = None if model.crf is None else model.crf.scores()
    pad_id = int(model.config.encoder.get("pad_token_id") or 0)
    wanted = states or (scope is not None and scope.needs_state)
    score = partial(model.score, state=True) if wanted else model.score
    return Predictor(codec, Decoder(codec.labels, learned, calibration, scope), score, pad_id)


def check_no_encoder(output: Path) -> None:
    """See that no encoder would be written over, least of all the one to train from.

    Raises:
        ModelError: The folder holds one.
    """
    kind = kind_of(output)
    if kind not in (None, "jointbert"):
        what = f"holds an encoder (config.json: model_type {kind!r})"
        hint = "Choose another --output: the encoder would be lost."
        raise ModelError(str(output), what, "a new folder, or that of a trained model", hint)


def save_folder(
    folder: Path, model: JointBert, tokenizer: SavedTokenizer, labels: Labels, files: Mapping[str, str | bytes]
) -> None:
    """Write a whole model folder; its manifest comes last, so that a folder half written is never loaded.

    Args:
        folder: Made if missing; files of the same name are replaced, an older model's exports are removed.
        model: The trained model.
        tokenizer: The tokenizer it was trained with.
        labels: The names behind its logits.
        files: Further files by name, for example ``training.yaml`` and ``model_card.md``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    break_seal(folder)
    for name in (*MODEL_FILES, *EXPORT_FILES):
        (folder / name).unlink(missing_ok=True)
    model.config.format_version = FORMAT_VERSION
    save_weights(model, folder)
    tokenizer.save_pretrained(folder)
    labels.save(folder / "labels.json")
    for name, content in files.items():
        (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    seal(folder)


def load_folder(folder: Path | str) -> tuple[JointBert, Contents]:
    """The model in eval mode, and the contents of its folder.

    Raises:
        ModelError: The folder or one of its files is missing, broken, of another model, or of a newer version.
    """
    contents = open_contents(folder)
    weights = str(contents.folder / "model.safetensors")
    try:
        with quiet():
            config = JointBertConfig.from_pretrained(contents.folder, local_files_only=True)
            loaded: Any = JointBert.from_pretrained(
                contents.folder, config=config, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
    except Exception as error:  # safetensors, OSError and shape mismatches come in many types
        raise ModelError(weights, f"cannot be read ({first_line(error)})", None, COPY_AGAIN) from error
    model, report = cast(tuple[JointBert, dict[str, Any]], loaded)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report[kind]:
            names = ", ".join(sorted(map(str, report[kind]))[:3])
            what = f"{len(report[kind])} {kind.replace('_', ' ')}, such as {names}"
            raise ModelError(weights, what, "the weights of config.json's model", COPY_AGAIN)
    own_weights(model)
    model.train(False)
    return model, contents


def load_predictor(folder: Path | str) -> Predictor:
    """The path from text to parse through a saved model (see :func:`load_folder`)."""
    model, contents = load_folder(folder)
    return make_predictor(model, contents.codec, contents.calibration, contents.scope)
