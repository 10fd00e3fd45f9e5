"""docs/pretraining.md: the recipe for one's own utterances runs as it stands there, with fewer steps."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

pytest.importorskip("datasets", reason="the pretrain extra is not installed")
from typer.testing import CliRunner

from jointbert.cli.main import app

SHORT = ("training.steps=2", "training.batch_size=4", "corpus.processes=1")


@pytest.fixture
def recipe(repository: Path) -> tuple[str, list[str]]:
    """The config and the words of the command of the section on one's own utterances."""
    page = (repository / "docs" / "pretraining.md").read_text(encoding="utf-8")
    section = page.split("## Your own utterances, unlabelled\n")[1].split("\n## ")[0]
    found = re.search(r"```yaml\n(.*?)```\n\n```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1], shlex.split(found[2])


def test_the_recipe_for_ones_own_utterances_runs(
    recipe: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, (program, *arguments) = recipe
    assert program == "jointbert"
    monkeypatch.chdir(tmp_path)
    cities = ("rome", "oslo", "boston", "paris")
    texts = [f"book flight {number} to {cities[number % 4]}" for number in range(80)]
    Path("utterances.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    Path("adapt.yaml").write_text(config, encoding="utf-8")
    done = CliRunner().invoke(app, [*arguments, *(word for key in SHORT for word in ("--set", key))])
    assert done.exit_code == 0, done.output
    assert re.match(r"encoders/adapted: held-out perplexity [\d.]+, MLM [\d.]+ % after 2 steps", done.stdout)
    record = json.loads(Path("encoders/adapted/pretraining.json").read_text(encoding="utf-8"))
    assert record["start"] == "mini-en" and "nsp_accuracy" not in record
    assert Path("encoders/adapted/model.safetensors").is_file()
