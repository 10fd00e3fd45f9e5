"""Text files come as lines, packed or not, and what is wrong with one is said with its place."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import sys
from pathlib import Path

import pytest

from jointbert.errors import DataError, MissingExtraError
from jointbert.pretraining.text import read_lines

LINES = ["one", "", "帮我订票 ☕", "last"]
PLAIN = "\n".join(LINES).encode()
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
NOISE = random.Random(5).randbytes(9999)


def packed(path: Path) -> Path:
    """A file of :data:`LINES` in the way that its name says."""
    packing = path.suffix.lower()
    if packing == ".zst":
        zstandard = pytest.importorskip("zstandard", reason="the pretrain extra is not installed")
        path.write_bytes(zstandard.ZstdCompressor().compress(PLAIN))
    else:
        path.write_bytes({".xz": lzma.compress, ".gz": gzip.compress}.get(packing, bytes)(PLAIN))
    return path


@pytest.mark.parametrize("name", ["t.txt", "t.txt.xz", "t.txt.gz", "t.txt.zst", "T.XZ", "t.Gz", "T.ZST"])
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
        ("t.txt", PICTURE, "t.txt:3: holds a NUL character: it looks binary; expected UTF-8 text. Give plain text"),
        ("t.txt", NOISE, "holds a NUL character: it looks binary"),
        ("t.txt.gz", gzip.compress(NOISE), "holds a NUL character: it looks binary"),
        (
            "t.txt",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
            "is a PDF: it looks binary; expected UTF-8 text. Take the text out",
        ),
        ("t.txt", lzma.compress(PLAIN), "is packed as xz; expected a name that ends in .xz. Rename it to t.txt.xz."),
        ("t.txt", gzip.compress(PLAIN), "is packed as gz; expected a name that ends in .gz"),
        ("t.txt.gz", lzma.compress(PLAIN), "expected a name that ends in .xz. Rename it to t.txt.xz."),
        ("t.txt", b"\x28\xb5\x2f\xfd more", "is packed as zst; expected a name that ends in .zst"),
        (
            "t.txt.bz2",
            bz2.compress(PLAIN),
            "is packed as bzip2; expected text, plain or packed as .xz, .gz or .zst. Unpack it first.",
        ),
        ("t.txt", b"PK\x03\x04 more", "is packed as zip"),
        (
            "t.txt",
            "帮我 订票".encode("utf-16"),
            "is UTF-16 by its byte order mark; expected UTF-8. Convert it, for example: iconv -f UTF-16 -t UTF-8.",
        ),
        ("t.txt", b"\xfe\xff" + "帮我".encode("utf-16-be"), "iconv -f UTF-16 -t"),
        ("t.txt.xz", lzma.compress("帮我".encode("utf-16")), "iconv -f UTF-16 -t"),
        ("t.txt", "one".encode("utf-32"), "iconv -f UTF-32 -t"),
        ("t.txt", "帮我订票".encode("gb18030"), "iconv -f GB18030 -t UTF-8."),
    ],
    ids=lambda given: "content" if isinstance(given, bytes) else None,  # gzip writes the time into its bytes
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
