"""`make bench` makes every kept result again: each accuracy, encoder and idea belongs to a command of that target."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Load = Callable[[str], ModuleType]
SEEDED = ("accuracy", "encoders", "task_adaptive", "ideas")


@pytest.fixture(scope="module")
def commands(repository: Path) -> list[list[str]]:
    """What `make bench` would run, each as a list of words."""
    if shutil.which("make") is None:
        pytest.skip("needs GNU Make")
    told = subprocess.run(["make", "-n", "bench"], cwd=repository, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if "benchmarks/" in line]


def made(commands: list[list[str]], name: str, load: Load) -> set[Path]:
    """The files that the target's calls of a benchmark leave behind."""
    pytest.importorskip("datasets", reason="the pretrain extra is not installed")
    found: set[Path] = set()
    for words in commands:
        script = f"benchmarks/{name}.py"
        if script in words:
            found |= load(name).results_of(words[words.index(script) + 1 :])
    return found


@pytest.mark.parametrize("name", SEEDED)
def test_the_target_calls_it(name: str, commands: list[list[str]], load: Load) -> None:
    assert made(commands, name, load)


def test_no_kept_result_is_out_of_its_reach(commands: list[list[str]], load: Load, repository: Path) -> None:
    results = repository / "benchmarks" / "results"
    reached = {path for name in SEEDED for path in made(commands, name, load)}
    seeded = [*results.glob("*/*.json"), *results.glob("classical-*.json")]
    seeded += [path for name in load("accuracy").VARIANTS for path in results.glob(f"{name}-[0-9][0-9].json")]
    assert len(seeded) > 50
    assert sorted(path.name for path in seeded if path not in reached) == []
