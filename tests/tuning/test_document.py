"""docs/tuning.md: its space is one, its keys, options, files and numbers are those of the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from jointbert.cli.main import app
from jointbert.config import Config, load_config
from jointbert.config.space import read_space
from jointbert.tuning.defaults import default_space
from jointbert.tuning.files import BEST, CSV, PICTURE
from jointbert.tuning.picture import ENOUGH
from jointbert.tuning.sampling import pruner
from jointbert.tuning.search import TRIALS
from jointbert.tuning.storage import STUDY


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "tuning.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(repository: Path) -> Config:
    return load_config(repository / "configs" / "demo-en.yaml")


def tune_command() -> Any:
    command: Any = typer.main.get_command(app)
    return command.commands["tune"]


def test_each_space_that_is_shown_is_one_for_its_config(page: str, demo: Config, tmp_path: Path) -> None:
    tiny, small, large = [text.split("```")[0] for text in page.split("```yaml\n")[1:]]
    (tmp_path / "tiny.yaml").write_text(tiny, encoding="utf-8")
    for config, space in ((load_config(tmp_path / "tiny.yaml"), small), (demo, large)):
        (tmp_path / "space.yaml").write_text(space, encoding="utf-8")
        assert len(read_space(tmp_path / "space.yaml", config)) == len(space.splitlines())


def test_the_keys_that_are_searched_are_listed(page: str, demo: Config) -> None:
    table = page.split("| key | where no space is given |")[1].split("\n\n")[0]
    listed = set(re.findall(r"`(\w+\.\w+)`", table))
    assert listed == default_space(demo).keys()


def test_commands_options_files_and_numbers_are_those_of_the_code(page: str) -> None:
    commands = [line.strip() for line in page.splitlines() if line.strip().startswith("jointbert tune ")]
    assert commands
    for command in commands:
        tune_command().make_context("tune", shlex.split(command)[2:])
    known = {option for parameter in tune_command().params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)[ `]", page)) <= known
    for name in (BEST, CSV, PICTURE, STUDY):
        assert f"| `{name}` |" in page
    assert f"--trials {TRIALS}" in page and f"once {ENOUGH} trials are complete" in page
    told = {5: "Five", 3: "30 %"}
    judge = pruner()
    assert f"{told[judge._n_startup_trials]} trials run to their end first" in page
    assert f"none is judged before {told[judge._n_warmup_steps]} of its" in " ".join(page.split())
