"""Text files come as lines, packed or not, and what is wrong with one is said with its place."""

from __future__ import annotations

import gzip
import lzma
import sys
from pathlib import Path

import pytest

from jointbert.errors import DataError, MissingExtraError
from jointbert.pretraining.text import read_lines

LINES = ["one", "", "帮我订票 ☕", "last"]
PLAIN = "\n".join(LINES).encode()


def packed(path: Path) -> Path:
    """A file of :data:`LINES` in the way that its name says."""
    if path.suffix == ".zst":
        zstandard = pytest.importorskip("zstandard", reason="the pretrain extra is not installed")
        path.write_bytes(zstandard.ZstdCompressor().compress(PLAIN))
    else:
        path.write_bytes({".xz": lzma.compress, ".gz": gzip.compress}.get(path.suffix, bytes)(PLAIN))
    return path


@pytest.mark.parametrize("name", ["t.txt", "t.txt.xz", "t.txt.gz", "t.txt.zst"])
def test_lines_come_out_as_they_went_in(tmp_path: Path, name: str) -> None:
    assert list(read_lines(packed(tmp_path / name))) == LINES


def test_windows_line_ends_and_a_byte_order_mark_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert list(read_lines(tmp_path / "t.txt")) == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.txt", b"", "is empty"),
        ("t.txt", b"good\nbad \xff line\n", "is not UTF-8 (byte 0xff"),
        ("t.txt", b"good\n\x00\x01\x02", "t.txt:2: holds a NUL character"),
        ("t.txt.gz", gzip.compress(PLAIN * 9999)[:-400], "cannot be read on"),
        ("t.txt.xz", lzma.compress(PLAIN * 9999)[:-40], "cannot be read on"),
        ("t.txt.gz", PLAIN, "cannot be read on"),
        ("t.txt.zst", PLAIN, "cannot be read on"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    if name.endswith(".zst"):
        pytest.importorskip("zstandard", reason="the pretrain extra is not installed")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        list(read_lines(tmp_path / name))
    assert name in str(caught.value) and message in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere.txt", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="cannot be opened"):
        list(read_lines(tmp_path / name))


def test_zstd_without_its_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.zst").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtraError, match=r"jointbert\[pretrain\]"):
        list(read_lines(tmp_path / "t.zst"))
