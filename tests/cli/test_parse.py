"""jointbert parse: one JSON object a line and nothing else on standard output, whatever goes in."""

from __future__ import annotations

import gc
import io
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jointbert.checkpoint.predict import CHUNK
from jointbert.cli.arriving import ArrivingLines, chunks
from jointbert.cli.bar import counting
from jointbert.cli.main import main
from jointbert.errors import DataError
from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse

KEYS = ["text", "intent", "intent_ranking", "slots", "truncated_at", "frame_confidence", "in_scope", "scope_score"]


@pytest.fixture
def ask(toy_folder: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs the command; gives exit code, parsed lines and standard error."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, list[dict[str, Any]], str]:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as leaving:
            main(["parse", str(toy_folder / "model"), *map(str, arguments)])
        out, err = capfdbinary.readouterr()
        assert out == b"" or out.endswith(b"\n")
        return int(leaving.value.code or 0), [json.loads(line) for line in out.splitlines()], err.decode()

    return run


def test_utterances_as_arguments(ask: Any) -> None:
    code, (first, second), err = ask("fly to Rome", "bye")
    assert (code, err) == (0, "")
    assert list(first) == KEYS
    assert (first["text"], first["intent"]["name"]) == ("fly to Rome", "travel")
    assert [(slot["slot"], slot["value"], slot["start"], slot["end"]) for slot in first["slots"]] == [
        ("city", "Rome", 7, 11)
    ]
    assert second["intent"]["name"] == "bye"


def test_stdin_with_a_byte_order_mark_line_ends_of_windows_and_empty_lines(ask: Any) -> None:
    code, rows, err = ask(
        stdin=b"\xef\xbb\xbffly to Rome\r\n\r\n  bye \nodd\x0bone\x85\xc2\x85two".replace(b"\x85\xc2", b"\xc2")
    )
    assert (code, err) == (0, "")
    assert [row["text"] for row in rows] == ["fly to Rome", "", "  bye ", "odd\x0bone\x85two"]
    assert rows[1]["slots"] == []


def test_a_file(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "u.txt").write_text("fly to Oslo\nbye\n", encoding="utf-8")
    code, rows, err = ask("--file", tmp_path / "u.txt")
    assert (code, err) == (0, "")
    assert [row["intent"]["name"] for row in rows] == ["travel", "bye"]


def test_an_empty_stdin_gives_nothing(ask: Any) -> None:
    assert ask() == (0, [], "")


def test_what_is_not_utf_8_is_named_by_line(ask: Any, tmp_path: Path) -> None:
    code, rows, err = ask(stdin=b"fine\ncaf\xe9\n")
    assert code == 2
    assert err.startswith("error: stdin:2: byte 0xe9 at position 3 of the line is not UTF-8; expected UTF-8.")
    assert "iconv -f latin1 -t utf-8" in err
    assert [row["text"] for row in rows] == ["fine"], "what came before it is answered"
    (tmp_path / "u.txt").write_bytes(b"\xff\xfeb\x00")
    code, _, err = ask("--file", tmp_path / "u.txt")
    assert (code, f"{tmp_path / 'u.txt'}:1: byte 0xff at position 0 of the line" in err) == (2, True)


def test_a_line_is_answered_before_the_next_one_comes(toy_folder: Path) -> None:
    command = [sys.executable, "-m", "jointbert.cli.main", "parse", str(toy_folder / "model")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        stop = threading.Timer(120, process.kill)
        stop.start()
        try:
            for sent, wanted in (
                (b"fly to Rome\n", ["fly to Rome"]),
                (b"bye\nfly to", ["bye"]),
                (b" Oslo\n", ["fly to Oslo"]),
            ):
                process.stdin.write(sent)
                process.stdin.flush()
                assert [json.loads(process.stdout.readline())["text"] for _ in wanted] == wanted
            process.stdin.close()
            assert (process.stdout.read(), process.wait()) == (b"", 0)
        finally:
            stop.cancel()


def test_lines_that_are_there_come_together() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"a\nb\nc")
    with open(reading, "rb") as handle:
        lines = ArrivingLines(handle, "here")
        each = chunks((line.decode() for line in lines), lambda: lines.ready, 2)
        assert next(each) == ["a", "b"]
        assert not lines.ready
        os.write(writing, b"\n\nd")
        assert next(each) == ["c", ""]
        os.close(writing)
        assert list(each) == [["d"]]


def test_a_line_of_many_blocks(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 200_000 + b"\n" + b"y" * 70_000)
    with (tmp_path / "long").open("rb") as handle:
        assert [len(line) for line in ArrivingLines(handle, "here")] == [200_000, 70_000]


def test_a_handle_that_breaks_is_named() -> None:
    class Broken(io.BytesIO):
        def read1(self, _: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(DataError, match=r"^here: cannot be read \(Input/output error\); expected text\. Check where"):
        list(ArrivingLines(Broken(), "here"))


def test_a_missing_file_a_folder_and_both_sources_exit_2(ask: Any, tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in ask("--file", tmp_path / "none")[2]
    assert "cannot be read (Is a directory)" in ask("--file", tmp_path)[2]
    code, rows, err = ask("bye", "--file", tmp_path / "none")
    assert (code, rows) == (2, [])
    assert "give utterances or --file, not both" in err


def test_emoji_stay_and_a_lone_surrogate_becomes_its_escape(
    ask: Any, toy_folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    texts = ["fly to Rome 🛫👩‍👩‍👧", "bye \udcff", "令\x1b[2J"]
    code, rows, _ = ask(*texts)
    assert code == 0
    assert [row["text"] for row in rows] == texts
    with pytest.raises(SystemExit):
        main(["parse", str(toy_folder / "model"), *texts])
    out = capfdbinary.readouterr().out
    assert "🛫" in out.decode("utf-8")
    assert rb"\udcff" in out
    assert b"\x1b" not in out


@pytest.mark.parametrize(("ranking", "length"), [("0", 0), ("2", 2), ("9", 3)])
def test_ranking_is_as_long_as_asked(ask: Any, ranking: str, length: int) -> None:
    (row,) = ask("bye", "--ranking", ranking)[1]
    assert len(row["intent_ranking"]) == length
    assert row["intent"]["name"] == "bye"


def test_a_negative_ranking_and_a_missing_model_exit_2(ask: Any, tmp_path: Path) -> None:
    assert ask("bye", "--ranking", "-1")[0] == 2
    with pytest.raises(SystemExit) as leaving:
        main(["parse", str(tmp_path / "none"), "bye"])
    assert leaving.value.code == 2


def test_a_reader_that_hangs_up_ends_it_quietly(
    toy_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Gone(io.BytesIO):
        def write(self, _: Any) -> int:
            raise BrokenPipeError

    stand_in = SimpleNamespace(buffer=Gone(), flush=lambda: None, fileno=lambda: os.open(os.devnull, os.O_WRONLY))
    monkeypatch.setattr(sys, "stdout", stand_in)
    with pytest.raises(SystemExit) as leaving:
        main(["parse", str(toy_folder / "model"), "bye"])
    assert leaving.value.code == 141
    assert capfd.readouterr().err == ""


def test_a_bar_shows_on_a_terminal_and_never_on_stdout(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom jointbert.cli.bar import counting\n"
        "for line in counting(iter(['a', 'b']), Path(sys.argv[1])):\n    print(line)\n"
    )
    (tmp_path / "u.txt").write_text("a\nb\n", encoding="utf-8")
    leader, follower = pty.openpty()
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "u.txt")],
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        timeout=60,
    )
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert result.stdout == b"a\nb\n"
    assert "utterances" in shown


def test_off_a_terminal_lines_pass_through_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(counting(iter(["a", "", "c"]), None)) == ["a", "", "c"]
    assert capfd.readouterr() == ("", "")


def test_a_long_stream_keeps_its_memory_flat(toy_folder: Path) -> None:
    """Of 20,000 lines no more than a chunk is read ahead, and no more than two chunks of parses are alive."""
    read, ahead, alive = 0, 0, 0

    def lines() -> Iterator[str]:
        nonlocal read
        for read in range(1, 20_001):
            yield f"bye {read % 97}"

    for number, _ in enumerate(NLU.load(toy_folder / "model").stream(lines(), 256), start=1):
        ahead = max(ahead, read - number)
        if number % 5_000 == 1_000:
            alive = max(alive, sum(type(item) is Parse for item in gc.get_objects()))
    assert number == 20_000
    assert ahead < CHUNK
    assert 0 < alive <= 2 * CHUNK + 1
