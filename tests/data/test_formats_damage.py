"""Whatever stands in a file, a reader reports it or reads it; it never ends in any other way."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.data import FORMATS, Problem, read, write
from jointbert.utterance import Span, Utterance

TEXT = "fly to New York"
SPAN = Span.of(TEXT, "city.to", 7, 15)
SOUND = {
    name: [Utterance(TEXT, "fly", () if name == "csv" else (SPAN,)), Utterance("good morning", "greet")]
    for name in FORMATS
}
SCRAPS = st.sampled_from(
    [b"\n", b"\t", b" ", b'"', b"{", b"}", b"[", b"]", b"(", b":", b"-", b"#", b"\\", b"\xff", b"\x00", b"0"]
)


@pytest.mark.parametrize("name", FORMATS)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 9), SCRAPS | st.binary(max_size=3)), min_size=1, max_size=3
    ),
    part=st.integers(0, 2),
)
def test_a_damaged_file_is_reported_or_read(name: str, edits: list[tuple[int, int, bytes]], part: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{FORMATS[name].suffix}"
        write(path, SOUND[name], name)
        file = path / FORMATS[name].parts[part] if FORMATS[name].parts else path
        content = file.read_bytes()
        for at, length, scrap in edits:
            at %= len(content) + 1
            content = content[:at] + scrap + content[at + length :]
        file.write_bytes(content)
        found: list[Problem] = []
        utterances = read(path, name, found.append)
    assert all(utterance.where and utterance.where.rpartition(":")[2].isdigit() for utterance in utterances)
    assert all(problem.where.startswith(str(path)) and problem.message for problem in found)
