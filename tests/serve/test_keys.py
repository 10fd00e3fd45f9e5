"""Keys: what a key file may hold, and what opens."""

from __future__ import annotations

import hmac
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from jointbert.errors import ConfigError
from jointbert.serve import keys as module
from jointbert.serve.keys import Keys, is_open_to_others, key_of, read_keys
from jointbert.serve.refusal import Refusal


def written(place: Path, content: str | bytes) -> Path:
    path = place / "keys"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_key_a_line_with_comments_and_blank_lines(tmp_path: Path) -> None:
    keys = read_keys(written(tmp_path, "# ours\r\n\r\n  first-key-123  \n\tsecond#key456\n"))
    assert [keys.opens(key) for key in ("first-key-123", "second#key456", "# ours", "", "first-key-12")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", ": holds no key; expected a key a line. Make one with: openssl rand -hex 32"),
        ("# only words\n", ": holds no key"),
        ("\n\nshort\n", ":3: a key of 5 characters that is too short"),
        ("with some spaces\n", ":1: a key of 16 characters that is too short or has odd characters"),
        ("schlüssel-eins\n", ":1: a key of 14"),
        (b"\xff\xfe\x00", ": cannot be read (it is no text)"),
    ],
)
def test_a_bad_key_file_is_refused_without_showing_a_key(tmp_path: Path, content: str | bytes, complaint: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        read_keys(path)
    assert str(caught.value).startswith(f"{path}{complaint}")
    assert "schl" not in str(caught.value) and "spaces\n" not in str(caught.value)


def test_a_missing_key_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(No such file or directory\).*Check the path given with"):
        read_keys(tmp_path / "none")


def test_who_can_read_the_file_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "a-key-of-mine")
    path.chmod(0o640)
    assert is_open_to_others(path)
    path.chmod(0o600)
    assert not is_open_to_others(path)


def test_every_key_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(left: bytes, right: bytes) -> bool:
        compared.append((len(left), len(right)))
        return hmac.compare_digest(left, right)

    keys = Keys(["first-key-123", "second-key-456", "third-key-789"])
    monkeypatch.setattr(module, "hmac", type("Stand", (), {"compare_digest": staticmethod(compare)}))
    assert keys.opens("first-key-123")
    assert compared == [(32, 32)] * 3, "digests of one length, and no early end"


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "BEARER  abc "}, "abc"),
        ({"authorization": "Basic abc"}, None),
        ({"authorization": "Bearer "}, None),
        ({"authorization": "Basic abc", "x-api-key": "def"}, "def"),
        ({"x-api-key": "def"}, "def"),
    ],
)
def test_where_a_key_is_looked_for(headers: dict[str, str], key: str | None) -> None:
    assert key_of(Headers(headers)) == key


def test_without_keys_everything_opens_and_with_keys_nothing_does_unasked() -> None:
    Keys().check(None)
    Keys().check("anything")
    for candidate, code in ((None, "missing_key"), ("", "wrong_key"), ("\ud800", "wrong_key")):
        with pytest.raises(Refusal) as caught:
            Keys(["a-key-of-mine"]).check(candidate)
        assert (caught.value.status, caught.value.code) == (401, code)
