"""The front door of the command line: errors become lines, exit codes keep their promise, help stays light."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

import jointbert
from jointbert.cli import main as front
from jointbert.errors import ConfigError, DataError

HEAVY = ("torch", "transformers", "tokenizers", "numpy", "sklearn", "matplotlib", "pydantic")


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)


def raising(error: BaseException) -> typer.Typer:
    """A command line like ours with the one command ``go`` that raises."""
    app = typer.Typer(cls=front._Root, pretty_exceptions_enable=False)
    app.callback()(lambda: None)

    @app.command()
    def go() -> None:
        raise error

    return app


def test_a_users_mistake_is_one_line_and_exit_2() -> None:
    result = CliRunner().invoke(raising(DataError("a.jsonl:3", "is broken", "an object", "Mend it.")), ["go"])
    assert result.exit_code == 2
    assert result.stderr == "error: a.jsonl:3: is broken; expected an object. Mend it.\n"
    assert result.stdout == ""


def test_several_problems_keep_their_lines_and_control_characters_are_escaped() -> None:
    result = CliRunner().invoke(raising(ConfigError("c.yaml", "2 problems:\na\x1b[2J\nb")), ["go"])
    assert result.stderr == "error: c.yaml: 2 problems:\n  a\\x1b[2J\n  b.\n"


def test_an_interrupt_says_so_and_exits_130() -> None:
    result = CliRunner().invoke(raising(KeyboardInterrupt()), ["go"])
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_a_reader_that_hangs_up_ends_the_command_quietly() -> None:
    result = CliRunner().invoke(raising(BrokenPipeError()), ["go"])
    assert (result.exit_code, result.output) == (141, "")


def test_a_table_into_a_closed_pipe_is_quiet_and_exits_141() -> None:
    program = (
        "import os\nreading, writing = os.pipe()\nos.close(reading)\nos.dup2(writing, 1)\n"
        "from jointbert.cli.main import main\nmain(['data', 'list'])"
    )
    result = python(program)
    assert (result.returncode, result.stderr) == (141, "")


def test_help_into_a_closed_pipe_is_quiet() -> None:
    program = (
        "import os; r, w = os.pipe(); os.close(r); os.dup2(w, 1)\nfrom jointbert.cli.main import main; main(['-h'])"
    )
    result = python(program)
    assert result.stderr == ""


def test_a_defect_of_ours_shows_its_traceback_and_exits_1() -> None:
    program = (
        "from jointbert.cli import main as front\n"
        "@front.app.command()\n"
        "def go() -> None:\n    raise RuntimeError('ours')\n"
        "front.main(['go'])"
    )
    result = python(program)
    assert result.returncode == 1
    assert result.stderr.startswith("Traceback (most recent call last):")
    assert result.stderr.rstrip().endswith("RuntimeError: ours")


def test_a_wrong_option_exits_2_without_a_traceback() -> None:
    result = python("from jointbert.cli.main import main; main(['train', '--no-such-option'])")
    assert result.returncode == 2
    assert "no-such-option" in result.stderr
    assert "Traceback" not in result.stderr


def test_version() -> None:
    result = CliRunner().invoke(front.app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"jointbert {jointbert.__version__}\n")


@pytest.mark.parametrize(
    "program",
    [
        "import jointbert",
        "from jointbert.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass",
    ],
    ids=["import", "help"],
)
def test_importing_and_helping_load_nothing_heavy(program: str) -> None:
    result = python(f"{program}\nimport sys\nprint('loaded:', [m for m in {HEAVY!r} if m in sys.modules])")
    assert result.stdout.splitlines()[-1] == "loaded: []", result.stderr
