"""jointbert export: one real export with its table, and what it says of a refused graph and of a missing dev set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from jointbert.cli.main import main


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    return int(leaving.value.code or 0)


@pytest.fixture
def copy(toy_folder: Path, tmp_path: Path) -> Path:
    """The toy model without exports; its dev set is where it was."""
    names = shutil.ignore_patterns("*.onnx", "export.json", "work")
    return Path(shutil.copytree(toy_folder / "model", tmp_path / "model", ignore=names))


def test_an_export_shows_a_table_and_its_engines_parse(
    copy: Path, toy_folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert leave("export", copy, "--int8") == 0
    out, err = capfd.readouterr()
    rows = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert {"engine", "torch", "onnx", "onnx-int8"} <= rows.keys() and " 100.0 " in rows["onnx"]
    assert "+0.00" in rows["onnx"] and max(map(len, rows.values())) <= 80
    assert all(line.endswith(" ...") for line in err.splitlines()) and err.count("\n") == 4, err
    for engine in ("onnx", "onnx-int8"):
        assert leave("evaluate", copy, toy_folder / "dev.jsonl", "--engine", engine, "--brief") == 0
    lines = capfd.readouterr().out.splitlines()
    kept = json.loads((copy / "export.json").read_text(encoding="utf-8"))["graphs"]
    for line, engine in zip(lines, ("onnx", "onnx-int8"), strict=True):
        assert f"sentence {100 * kept[engine]['scores']['sentence_accuracy']:.1f}" in line
    _refused_and_forced(copy, capfd, monkeypatch)


def _refused_and_forced(copy: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same graph again, measured against a limit that no graph can keep."""
    from jointbert.export import run

    graph = (copy / "model.onnx").read_bytes()
    monkeypatch.setattr(run, "write_graph", lambda model, path: path.write_bytes(graph))
    monkeypatch.setattr(run, "LIMIT", -101.0)
    assert leave("export", copy, "--int8") == 2
    out, err = capfd.readouterr()
    assert "onnx-int8 (refused)" in out and "Traceback" not in err
    assert f"error: {copy / 'model.int8.onnx'}: was refused: it loses " in err
    assert not (copy / "model.int8.onnx").exists()
    assert leave("export", copy, "--int8", "--force") == 0
    assert (copy / "model.int8.onnx").is_file() and "refused" not in capfd.readouterr().out


def test_a_dev_set_that_is_gone_exits_2_and_asks_for_data(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = copy / "training.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("dev.jsonl", "gone.jsonl"), encoding="utf-8")
    assert leave("export", copy) == 2
    err = capfd.readouterr().err
    assert err.startswith(f"error: {config}: names the dev set ") and "--data PATH" in err and err.count("\n") == 1
    assert not (copy / "model.onnx").exists()


def test_a_folder_that_is_no_model_exits_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert leave("export", tmp_path / "none") == 2
    assert f"error: {tmp_path / 'none'}: is not there" in capfd.readouterr().err


def test_the_help_tells_the_limit_that_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    from jointbert.export.run import LIMIT

    assert leave("export", "--help") == 0
    assert f"loses more than {LIMIT} points" in " ".join(capfd.readouterr().out.split())
