"""docs/compare.md: its example prints what it shows, its workflow is YAML, its commands have the options they name."""

from __future__ import annotations

import io
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from jointbert.cli.main import app
from jointbert.evaluation.learning import FEW, TOP
from jointbert.evaluation.significance import EXACT_BELOW
from jointbert.training.learning_curve import CSV, PICTURE, REPORT, SHARES


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "compare.md").read_text(encoding="utf-8")


def block(page: str, language: str) -> str:
    return page.split(f"```{language}\n")[1].split("```")[0]


def options_of(name: str) -> set[str]:
    command: Any = typer.main.get_command(app)
    return {option for parameter in command.commands[name].params for option in parameter.opts}


def test_the_example_prints_what_is_shown(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(block(page, "python"), "docs/compare.md", "exec"), {})
    assert [line.rstrip() for line in out.getvalue().splitlines()] == block(page, "text").splitlines()


def test_the_workflow_runs_a_command_that_exists(page: str) -> None:
    steps = yaml.safe_load(block(page, "yaml"))["jobs"]["compare"]["steps"]
    [command] = [step["run"] for step in steps if "jointbert compare" in step.get("run", "")]
    words = shlex.split(command)
    assert {word for word in words if word.startswith("--")} <= options_of("compare")
    typer.main.get_command(app).commands["compare"].make_context("compare", words[2:])  # type: ignore[attr-defined]


def test_every_option_and_file_that_is_named_exists(page: str) -> None:
    known = options_of("compare") | options_of("curve")
    assert set(re.findall(r"`(--[a-z-]+)`", page)) <= known
    assert all(f"`{name}`" in page for name in (CSV, PICTURE, REPORT))


def test_the_numbers_that_are_named_are_those_of_the_code(page: str) -> None:
    assert f"exact below {EXACT_BELOW} utterances" in page
    assert f"fewer than {FEW} utterances of dev" in page
    assert f"an F1 of {100 * TOP:.0f} or" in page
    assert "trains the config on {:g}, {:g}, {:g} and {:g} %".format(*SHARES) in page
