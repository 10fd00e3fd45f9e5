"""Every command's help works, stays free of clutter and ends with an example; docs/cli.md is that help."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
import typer

from jointbert.cli.main import app

GENERATOR = Path(__file__).resolve().parents[2] / "docs" / "generate_cli.py"


def load_generator() -> ModuleType:
    spec = spec_from_file_location("generate_cli", GENERATOR)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate_cli = load_generator()
PATHS = list(generate_cli.commands(typer.main.get_command(app)))


def test_the_walk_finds_the_commands() -> None:
    names = {" ".join(path) for path in PATHS}
    assert {"jointbert train", "jointbert evaluate", "jointbert parse", "jointbert data check"} <= names


@pytest.mark.parametrize("path", PATHS, ids=[" ".join(path) for path in PATHS])
def test_a_help_ends_with_an_example_and_shows_no_clutter(path: tuple[str, ...]) -> None:
    shown = generate_cli.help_of(path)
    assert "example" in shown.lower(), f"{' '.join(path)} --help shows no example"
    assert "-completion" not in shown


def test_the_page_is_current() -> None:
    assert generate_cli.PAGE.read_text(encoding="utf-8") == generate_cli.page(), "run: python docs/generate_cli.py"


def test_a_stale_page_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    stale = tmp_path / "cli.md"
    stale.write_text("old", encoding="utf-8")
    monkeypatch.setattr(generate_cli, "PAGE", stale)
    assert generate_cli.main(["--check"]) == 1
    assert "run: python docs/generate_cli.py" in capsys.readouterr().err
    assert generate_cli.main([]) == 0
    assert generate_cli.main(["--check"]) == 0


def test_the_generator_runs_as_a_program() -> None:
    result = subprocess.run([sys.executable, str(GENERATOR), "--check"], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
