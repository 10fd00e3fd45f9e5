"""A toy corpus that an encoder from scratch learns in seconds, and runs on it. Imports nothing heavy by itself."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from jointbert.config import Config

VALUES = {"city": ["Rome", "Oslo", "Lima"], "food": ["soup", "rice", "pizza"], "time": ["noon", "eight"]}
FORMS = {
    "travel": ["fly to {city}", "a flight to {city} at {time}", "take me to {city} please"],
    "order": ["bring me {food}", "i want {food} at {time}", "order {food} for {time}"],
    "bye": ["bye", "see you later"],
}


def rows(count: int, seed: int, *, intents: bool = True, slots: bool = True) -> list[dict[str, Any]]:
    """Labelled utterances as JSON Lines objects, the same for the same seed."""
    chance, found = random.Random(seed), []
    for _ in range(count):
        intent = chance.choice(list(FORMS))
        text, spans = "", []
        for part in re.split(r"(\{\w+\})", chance.choice(FORMS[intent])):
            if part.startswith("{"):
                value = chance.choice(VALUES[part[1:-1]])
                spans.append({"slot": part[1:-1], "start": len(text), "end": len(text) + len(value)})
                part = value
            text += part
        found.append({"text": text} | ({"intent": intent} if intents else {}) | ({"slots": spans} if slots else {}))
    return found


def write(path: Path, items: list[dict[str, Any]]) -> str:
    """The path of the items written as JSON Lines."""
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return str(path)


def config(folder: Path, train: list[dict[str, Any]], dev: list[dict[str, Any]], **sections: dict[str, Any]) -> Config:
    """A config on the given items, for a tiny encoder from scratch; sections override its values."""
    content: dict[str, dict[str, Any]] = {
        "data": {"train": write(folder / "train.jsonl", train), "dev": write(folder / "dev.jsonl", dev)},
        "encoder": {"name": "scratch", "size": "tiny", "vocabulary": 300, "max_pieces": 32},
        "model": {},
        "training": {
            "epochs": 1,
            "batch_size": 8,
            "learning_rate": 2e-3,
            "head_learning_rate": 5e-3,
            "precision": "fp32",
            "seed": 5,
        },
    }
    return Config.model_validate({name: values | sections.get(name, {}) for name, values in content.items()})


def small(folder: Path, **sections: dict[str, Any]) -> Config:
    """A config on 24 utterances: fractions of a second an epoch, nothing much is learned."""
    return config(folder, rows(24, 1), rows(8, 2), **sections)


def learnable(folder: Path) -> Config:
    """A config on 200 utterances that learns them in four epochs."""
    return config(folder, rows(200, 1), rows(40, 2), training={"epochs": 4})


_trained: dict[str, Path] = {}


def trained(factory: pytest.TempPathFactory) -> Path:
    """A folder with the learnable corpus and, in ``model``, what one run made of it; trained once a session."""
    if "folder" not in _trained:
        from jointbert.training.run import train

        folder = factory.mktemp("toy")
        train(learnable(folder), folder / "model")
        _trained["folder"] = folder
    return _trained["folder"]


def held(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder: when it was written, and what it holds."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def weights(folder: Path) -> dict[str, Any]:
    """The weights in a model folder or a checkpoint."""
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two sets of weights are the same to the last bit."""
    return one.keys() == other.keys() and all(bool((one[name] == other[name]).all()) for name in one)
