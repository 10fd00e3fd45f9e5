"""What `make help` promises is there, and make can read it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")
PROMISED = re.findall(r'@echo "make ([\w-]+)', TEXT)


def test_help_and_phony_name_the_same_targets() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", TEXT, re.MULTILINE)
    assert phony is not None and set(PROMISED) | {"help"} == set(phony[1].split())


@pytest.mark.parametrize("target", PROMISED)
def test_every_promised_target_has_a_rule(target: str) -> None:
    assert re.search(rf"^{target}:.*\n\t", TEXT, re.MULTILINE)


@pytest.mark.skipif(shutil.which("make") is None, reason="needs GNU Make")
@pytest.mark.parametrize("target", PROMISED)
def test_make_knows_how_to_reach_it(target: str) -> None:
    told = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip()
