"""``jointbert tokenizer train``: what it prints, writes and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from transformers import AutoTokenizer
from typer.testing import CliRunner, Result

from jointbert.cli import data_show
from jointbert.cli.main import app


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    path = tmp_path / "corpus.txt"
    path.write_text("play some jazz\nwake me at noon\n播放音乐\nplay ж\n" * 50, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["tokenizer", "train", *map(str, arguments)])


def test_it_writes_a_tokenizer_and_prints_what_it_is_worth(corpus: Path) -> None:
    result = run(corpus, "--output", "made", "--vocabulary", "300", "--held-out", "5")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    lines = {
        cells[0].strip(): cells[1].strip()
        for line in result.stdout.splitlines()
        if len(cells := line.split("│")[1:3]) == 2
    }
    assert lines["learned from"] == "160 lines; 0.0 MB read in all"
    assert lines["measured on"].startswith("40 lines held out: ")
    assert lines["pieces"] == str(len(AutoTokenizer.from_pretrained("made")))
    assert float(lines["pieces per word (fertility)"]) >= 1
    assert lines["[UNK] among the pieces"] == "0.000%"


def test_blank_lines_are_not_learned_from(corpus: Path) -> None:
    corpus.write_text(corpus.read_text(encoding="utf-8").replace("jazz\n", "jazz\n\n \n"), encoding="utf-8")
    result = run(corpus, "--output", "made", "--vocabulary", "300", "--held-out", "5")
    assert "160 lines; 0.0 MB read in all" in result.stdout


def test_chinese_and_json(corpus: Path) -> None:
    result = run(corpus, "--output", "made", "--language", "zh", "--vocabulary", "300", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["language"] == "zh" and report["lines"] == 200
    assert report["held_out"]["lines"] == 2
    assert AutoTokenizer.from_pretrained("made").tokenize("播放 Jazz") == ["播", "放", "jazz"]


def test_too_few_lines_to_measure_on_are_said(corpus: Path) -> None:
    result = run(corpus, "--output", "made", "--vocabulary", "300", "--held-out", "500")
    assert result.exit_code == 0, result.output
    assert "not measured" in result.stdout
    assert result.stderr == "warning: nothing was held out: there are too few lines. Lower --held-out.\n"


def test_mistakes_are_one_line_and_exit_2(corpus: Path) -> None:
    result = run("missing.txt", "--output", "made")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: missing.txt: cannot be opened (No such file or directory)")
    result = run(corpus, "--output", "made", "--vocabulary", "20")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: vocabulary: 20 pieces; expected 300 to 100,000.")
    assert run(corpus, "--output", "made", "--language", "fr").exit_code == 2
    assert not Path("made").exists()


def test_a_bar_on_a_terminal_counts_lines_and_megabytes(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    terminal = Console(file=shown, force_terminal=True, force_interactive=True, width=120)
    real = data_show.console
    monkeypatch.setattr(data_show, "console", lambda stderr=False: terminal if stderr else real())
    corpus.write_text("play some jazz\n" * 400_000, encoding="utf-8")
    result = run(corpus, "--output", "made", "--vocabulary", "300")
    assert result.exit_code == 0, result.output
    assert "400,000 lines" in shown.getvalue() and "6.0 MB" in shown.getvalue()
    assert "reading corpus.txt" in shown.getvalue()
    assert "6.0 MB read in all" in result.stdout and "reading" not in result.stdout
