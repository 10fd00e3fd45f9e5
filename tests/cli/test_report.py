"""jointbert report: the files it writes, where it finds the training data, and what it says when it cannot."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from jointbert.cli.main import main

FILES = ["report.html", "report.md", "confusions.png", "slots.png", "reliability.png"]


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    return int(leaving.value.code or 0)


def test_it_writes_a_page_markdown_and_pictures_and_says_where(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "report"
    wanted = ["--data", toy_folder / "dev.jsonl", "--output", folder]
    assert leave("report", toy_folder / "model", *wanted) == 0
    out, err = capfd.readouterr()
    assert out.splitlines() == [str(folder / name) for name in FILES]
    assert err == ""
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in FILES[2:])
    page = (folder / "report.html").read_text(encoding="utf-8")
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert f"of {toy_folder / 'train.jsonl'}." in page
    assert all(f"![{name.removesuffix('.png')}]({name})" in text for name in FILES[2:])
    assert "raw ECE" in page and "calibrated ECE" in page
    assert leave("evaluate", toy_folder / "model", toy_folder / "dev.jsonl", "--brief") == 0
    (sentence,) = re.findall(r"sentence ([\d.]+)", capfd.readouterr().out)
    assert f"Sentence accuracy<b>{sentence}</b>" in page


def test_without_its_training_data_it_says_so_and_train_names_it(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model"
    shutil.copytree(toy_folder / "model", model)
    config = (model / "training.yaml").read_text(encoding="utf-8")
    data = ["--data", toy_folder / "dev.jsonl", "--output", tmp_path / "out"]

    def page() -> str:
        assert leave("report", model, *data) == 0
        return (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    (model / "training.yaml").write_text(config.replace("train.jsonl", "gone.jsonl"), encoding="utf-8")
    assert "gone.jsonl, which is not here; name it with --train" in page()
    (model / "training.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    assert "Training data: " in page()
    (model / "training.yaml").unlink()
    assert f"Training data: {model}/training.yaml is missing; name it with --train." in page()
    data += ["--train", toy_folder / "train.jsonl"]
    assert f"of {toy_folder / 'train.jsonl'}." in page()
    assert capfd.readouterr().err == ""


def test_mistakes_of_the_user_exit_2(toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file, empty = tmp_path / "file", tmp_path / "empty.jsonl"
    file.touch()
    empty.touch()
    model, dev = toy_folder / "model", toy_folder / "dev.jsonl"
    assert leave("report", model, "--data", dev, "--output", file) == 2
    assert f"error: {file}: cannot be written (File exists); expected a folder to write to." in capfd.readouterr().err
    assert leave("report", model, "--data", tmp_path / "none.jsonl") == 2
    assert leave("report", model, "--data", empty) == 2
    assert leave("report", model, "--data", dev, "--train", tmp_path / "none.jsonl") == 2
    assert leave("report", tmp_path / "none", "--data", dev) == 2
    assert leave("report", model) == 2
    err = capfd.readouterr().err
    assert err.count("error: ") == 4
    assert "Traceback" not in err


def test_a_picture_that_is_not_drawn_anew_does_not_stay(toy_folder: Path, tmp_path: Path) -> None:
    from jointbert.report.build import build_findings
    from jointbert.report.findings import Subject
    from jointbert.report.run import write_report
    from jointbert.utterance import Parse, Utterance

    assert leave("report", toy_folder / "model", "--data", toy_folder / "dev.jsonl", "--output", tmp_path) == 0
    gold, parses = [Utterance("hi", "a")], [Parse("hi", "a")]
    files = write_report(build_findings(Subject("m", "d"), gold, parses), gold, parses, tmp_path)
    assert [path.name for path in files] == FILES[:3]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES[:3])
