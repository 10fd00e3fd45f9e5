"""The folder of a finished run: the records of the encoder that lies there, and of no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointbert.pretraining.folder import encoder_folder, examples_folder, finish_folder, records


def finish(output: Path, stage: str, *brought: str) -> set[str]:
    """What lies in a folder after a run of a stage whose encoder brought some records along."""
    for folder in (encoder_folder(output), examples_folder(output)):
        folder.mkdir(parents=True)
    (output / "work" / "config.yaml").write_text("", encoding="utf-8")
    for name in ("model.safetensors", *brought):
        (encoder_folder(output) / name).write_text("new", encoding="utf-8")
    finish_folder(output, stage, "a: 1\n", {}, "card")
    return {path.name for path in output.iterdir() if path.is_file()}


@pytest.mark.parametrize(("before", "after"), [("pretraining", "distillation"), ("distillation", "pretraining")])
def test_what_another_stage_left_goes(tmp_path: Path, before: str, after: str) -> None:
    for name in records(before):
        (tmp_path / name).write_text("old", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    left = {"model.safetensors", f"{after}.json", f"{after}.yaml", "README.md", "notes.txt"}
    assert finish(tmp_path, after) == left


def test_what_the_encoder_brought_along_stays(tmp_path: Path) -> None:
    for name in records("pretraining"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    there = finish(tmp_path, "distillation", "pretraining.json")
    assert there & set(records("pretraining")) == {"pretraining.json"}
    assert (tmp_path / "pretraining.json").read_text(encoding="utf-8") == "new"
